// From an upright size to what the model sees: what a picture is resized to, and the
// window of it that stays. Most models resize to a fixed square, and then nothing is cut.
//
// Source: `get_resize_output_image_size` and `center_crop` of transformers.
import { FlocapError } from '../../base/errors.ts'
import type { PicturePreparation } from '../../compiled/picture.ts'
import type { RgbPixels } from './picture.ts'

/** 100 megapixels, 300 MB: a strip of 1 x 20,000 pixels would become 768 x 15 million. */
const MAX_RESIZED_PIXELS = 100_000_000

interface Size {
  readonly width: number
  readonly height: number
}

/** @throws FlocapError `image_too_large` for a strip whose longer edge would have no bounds. */
export function resizedSize(upright: Size, { resize }: PicturePreparation): Size {
  if ('height' in resize) return { width: resize.width, height: resize.height }
  const { shortestEdge: edge } = resize
  const { width, height } = upright
  const isTall = width <= height
  const long = Math.trunc((edge * Math.max(width, height)) / Math.min(width, height))
  if (edge * long > MAX_RESIZED_PIXELS) {
    throw new FlocapError(
      'image_too_large',
      `Expected a picture whose longer edge is at most ${Math.floor(MAX_RESIZED_PIXELS / edge / edge)} ` +
        `times its shorter one, got ${width} x ${height} pixels.`,
      { hint: 'This model sees the middle of a picture: cut it first.' },
    )
  }
  return isTall ? { width: edge, height: long } : { width: long, height: edge }
}

/** The middle `width` x `height` pixels; where the picture is smaller, zeros around it. */
export function cropCentre(picture: RgbPixels, { width, height }: Size): RgbPixels {
  if (picture.width === width && picture.height === height) return picture
  const data = new Uint8Array(width * height * 3)
  const left = offsetOf(picture.width, width)
  const top = offsetOf(picture.height, height)
  const from = Math.max(0, left)
  const columns = Math.min(picture.width, left + width) - from
  for (let y = Math.max(0, top); y < Math.min(picture.height, top + height); y += 1) {
    const start = (y * picture.width + from) * 3
    const row = picture.data.subarray(start, start + columns * 3)
    data.set(row, ((y - top) * width + from - left) * 3)
  }
  return { width, height, data }
}

/** Where the window begins; negative where zeros go before the picture. */
function offsetOf(length: number, window: number): number {
  const rest = (length - window) / 2
  // Not -0: a position.
  return rest >= 0 ? Math.floor(rest) : -Math.ceil(-rest)
}
