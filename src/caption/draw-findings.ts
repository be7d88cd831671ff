// A picture with what was found on it, as a file of its own.
import { renderOverlay } from './overlay.ts'
import type { PictureSize } from './ports.ts'
import type { TaskData } from './task-data.ts'

/** The picture as it was looked at with an SVG document of its size on it, as a PNG file. */
export type DrawPng = (picture: Uint8Array, overlay: string) => Promise<Uint8Array>

/** Answers about one picture, drawn one over the other. */
export interface Found {
  readonly data: readonly TaskData[]
  /** Of the upright picture. */
  readonly size: PictureSize
}

/** Whether an answer of this kind has places, found or not. */
export function hasPlaces(data: TaskData): boolean {
  return data.kind !== 'text'
}

/** The bytes of the file. An SVG file contains the picture. */
export async function drawFindings(
  format: 'png' | 'svg',
  picture: Uint8Array,
  { data, size }: Found,
  drawPng: DrawPng,
): Promise<Uint8Array> {
  if (format === 'png') return drawPng(picture, renderOverlay(data, size))
  // As PNG, because not everything that shows SVG reads TIFF or turns pictures upright.
  const upright = await drawPng(picture, renderOverlay([], size))
  const pictureHref = `data:image/png;base64,${Buffer.from(upright).toString('base64')}`
  return Buffer.from(renderOverlay(data, size, { pictureHref }))
}
