// A picture with what was found on it, as a file of its own.
import { FlocapError } from '../base/errors.ts'
import { renderOverlay } from './overlay.ts'
import type { PictureSize, PictureView } from './ports.ts'
import type { TaskData } from './task-data.ts'

/** `preview`: a JPEG for a quick look, at most `PREVIEW_SIDE` pixels long. */
export type DrawnFormat = 'png' | 'svg' | 'preview'

/** Answers about one picture, drawn one over the other. */
export interface Found {
  readonly data: readonly TaskData[]
  /** Of the upright picture. */
  readonly size: PictureSize
}

/**
 * Draws by whatever means there are: an engine, or a FloCap elsewhere.
 * @returns the bytes of the file. An SVG file contains the picture.
 * @throws FlocapError for a picture that cannot be read, or that has another size than what was found.
 */
export type Draw = (
  format: DrawnFormat,
  picture: Uint8Array,
  found: Found,
  signal?: AbortSignal,
) => Promise<Uint8Array>

/** An engine's part: the picture as it is looked at, with an SVG document of its size on it. */
type DrawOverlay = (
  picture: Uint8Array,
  overlay: string,
  /** What is left out is as the settings say. */
  view?: Partial<PictureView>,
) => Promise<Uint8Array>

export interface Drawing {
  /** A PNG file of the picture's own size. */
  readonly png: DrawOverlay
  /** A JPEG file. */
  readonly preview: DrawOverlay
}

/** @throws FlocapError `invalid_request` when no answer is of a kind that has places, found or not. */
export function assertDrawable(data: readonly TaskData[]): void {
  if (data.some(({ kind }) => kind !== 'text')) return
  throw new FlocapError('invalid_request', 'There is nothing to draw: no answer has places.', {
    subject: 'answers',
    hint: 'Tasks such as od, ocr_with_region or referring_expression_segmentation find places.',
  })
}

/** Draws by an engine, as its settings say. */
export function drawWith(drawing: Drawing): Draw {
  return async (format, picture, found) => drawFindings(format, picture, found, drawing)
}

/** As `Draw`, by an engine. */
export async function drawFindings(
  format: DrawnFormat,
  picture: Uint8Array,
  { data, size }: Found,
  drawing: Drawing,
  view?: Partial<PictureView>,
): Promise<Uint8Array> {
  if (format !== 'svg') return drawing[format](picture, renderOverlay(data, size), view)
  // As PNG, because not everything that shows SVG reads TIFF or turns pictures upright.
  const upright = await drawing.png(picture, renderOverlay([], size), view)
  const pictureHref = `data:image/png;base64,${Buffer.from(upright).toString('base64')}`
  return Buffer.from(renderOverlay(data, size, { pictureHref }))
}
