// Resizing as `PIL.Image.resize(size, NEAREST)` does it: the pixel below the middle of each new one,
// which Pillow steps along by adding, and not by multiplying: the sums round otherwise.
import type { RgbPixels } from '../picture.ts'

const CHANNELS = 3

/** Source: ImagingScaleAffine of Pillow's Geometry.c. */
export function resizeNearest(
  { data, width: oldWidth, height: oldHeight }: RgbPixels,
  width: number,
  height: number,
): RgbPixels {
  const columns = placesOf(oldWidth, width)
  const rows = placesOf(oldHeight, height)
  const resized = new Uint8Array(width * height * CHANNELS)
  let to = 0
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * oldWidth + column) * CHANNELS
      for (let channel = 0; channel < CHANNELS; channel += 1) {
        resized[to] = data[from + channel] ?? 0
        to += 1
      }
    }
  }
  return { data: resized, width, height }
}

/** Of each new column or row, the old one that it repeats. */
export function placesOf(oldLength: number, length: number): Uint32Array {
  const step = oldLength / length
  const places = new Uint32Array(length)
  let middle = step * 0.5
  for (let at = 0; at < length; at += 1) {
    places[at] = Math.min(oldLength - 1, Math.floor(middle))
    middle += step
  }
  return places
}
