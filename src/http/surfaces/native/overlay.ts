// Findings drawn over their picture: SVG by the caption layer, PNG by whoever can decode pictures.
import { FlocapError } from '../../../base/errors.ts'
import type { CaptionResult } from '../../../caption/captioner.ts'
import type { DrawnFormat } from '../../../caption/draw-findings.ts'
import { renderOverlay } from '../../../caption/overlay.ts'
import type { PictureView } from '../../../caption/ports.ts'
import type { SurfaceServices } from '../../surface.ts'
import type { Overlay } from './schema.ts'

/** A picture file and how it is looked at. */
export interface SeenPicture {
  readonly bytes: Uint8Array
  readonly view: Partial<PictureView>
}

/**
 * What a request may ask for: shapes alone in a JSON answer, which lie over the caller's own
 * picture, or the picture with its shapes where the drawing is the whole answer.
 */
export async function drawOverlay(
  kind: 'svg' | 'png',
  picture: SeenPicture,
  result: CaptionResult,
  { drawing }: SurfaceServices,
): Promise<Overlay> {
  const svg = renderOverlay(result.data, result.picture)
  if (kind === 'svg') return { type: 'image/svg+xml', data: svg }
  if (drawing === undefined) throw noPng('overlay')
  const png = await drawing.png(picture.bytes, svg, picture.view)
  return { type: 'image/png', data: Buffer.from(png).toString('base64') }
}

/** A drawing that stands alone: the picture is inside. */
export async function drawWhole(
  kind: 'svg' | 'png',
  picture: SeenPicture,
  result: CaptionResult,
  { drawing }: SurfaceServices,
): Promise<Response> {
  if (kind === 'svg') {
    const pictureHref = `data:${mediaType(picture.bytes)};base64,${Buffer.from(picture.bytes).toString('base64')}`
    const svg = renderOverlay(result.data, result.picture, { pictureHref })
    return drawnResponse('svg', Buffer.from(svg))
  }
  if (drawing === undefined) throw noPng('overlay')
  const overlay = renderOverlay(result.data, result.picture)
  return drawnResponse(kind, await drawing.png(picture.bytes, overlay, picture.view))
}

const DRAWN_TYPES: Readonly<Record<DrawnFormat, string>> = {
  svg: 'image/svg+xml; charset=utf-8',
  png: 'image/png',
  preview: 'image/jpeg',
}

export function drawnResponse(format: DrawnFormat, file: Uint8Array): Response {
  return new Response(Uint8Array.from(file), {
    headers: {
      'content-type': DRAWN_TYPES[format],
      // A drawing is opened in a browser: nothing in it may run or load.
      ...(format === 'svg'
        ? {
            'content-security-policy':
              "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
          }
        : {}),
    },
  })
}

/** @param subject the field that asks for one. */
export function noPng(subject: string): FlocapError {
  return new FlocapError('invalid_request', 'This server cannot draw PNG files.', {
    hint: "Ask /api/v1/caption for the overlay 'svg'.",
    subject,
  })
}

/** First bytes as latin1 text, where they stand, and what a browser calls the format. */
const MEDIA_TYPES: readonly (readonly [offset: number, text: string, type: string])[] = [
  [0, '\u00ff\u00d8\u00ff', 'image/jpeg'],
  [0, '\u0089PNG', 'image/png'],
  [0, 'GIF8', 'image/gif'],
  [8, 'WEBP', 'image/webp'],
  [0, 'BM', 'image/bmp'],
  [4, 'ftypavif', 'image/avif'],
  [4, 'ftyphei', 'image/heic'],
  [0, '\u00ff\u000a', 'image/jxl'],
]

function mediaType(picture: Uint8Array): string {
  const start = Buffer.from(picture.subarray(0, 16)).toString('latin1')
  const known = MEDIA_TYPES.find(([offset, text]) => start.startsWith(text, offset))
  return known?.[2] ?? 'application/octet-stream'
}
