// QOI pictures ("Quite OK Image", qoiformat.org, version 1.0), as games and small tools write them.
import { ByteReader } from './byte-reader.ts'
import { assertWithinLimits } from './limits.ts'
import type { PictureLimits } from './limits.ts'
import { damagedPicture } from './picture-errors.ts'
import type { DecodedPicture } from '../picture.ts'

const RGB = 0xfe
const RGBA = 0xff

/**
 * Decodes a QOI file.
 *
 * @throws FlocapError `invalid_image`, `image_too_large`
 */
export function decodeQoi(bytes: Uint8Array, limits: PictureLimits): DecodedPicture {
  const reader = new ByteReader(bytes, 'qoi', false)
  reader.at = 4
  const width = reader.u32()
  const height = reader.u32()
  const channels = reader.u8()
  reader.at += 1 // sRGB or linear: does not concern the samples
  assertWithinLimits('qoi', width, height, limits)
  if (channels !== 3 && channels !== 4) {
    throw damagedPicture('qoi', `its header announces ${channels} channels, not 3 or 4`)
  }
  const pixels = width * height
  const data = new Uint8Array(pixels * 3)
  const alpha = channels === 4 ? new Uint8Array(pixels) : undefined
  /** Colours seen before, red, green, blue, alpha, by their hash. */
  const seen = new Uint8Array(64 * 4)
  let [r, g, b, a] = [0, 0, 0, 255]
  let run = 0
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    if (run > 0) {
      run -= 1
    } else {
      const byte = reader.u8()
      const low = byte & 63
      if (byte === RGB || byte === RGBA) {
        r = reader.u8()
        g = reader.u8()
        b = reader.u8()
        if (byte === RGBA) a = reader.u8()
      } else if (byte < 64) {
        const at = 4 * low
        r = seen[at] ?? 0
        g = seen[at + 1] ?? 0
        b = seen[at + 2] ?? 0
        a = seen[at + 3] ?? 0
      } else if (byte < 128) {
        r = (r + (low >> 4) - 2) & 255
        g = (g + ((low >> 2) & 3) - 2) & 255
        b = (b + (low & 3) - 2) & 255
      } else if (byte < 192) {
        const more = reader.u8()
        const green = low - 32
        r = (r + green + (more >> 4) - 8) & 255
        g = (g + green) & 255
        b = (b + green + (more & 15) - 8) & 255
      } else {
        run = low
      }
      if (byte < 192 || byte >= RGB) {
        const at = 4 * ((r * 3 + g * 5 + b * 7 + a * 11) & 63)
        seen[at] = r
        seen[at + 1] = g
        seen[at + 2] = b
        seen[at + 3] = a
      }
    }
    const to = pixel * 3
    data[to] = r
    data[to + 1] = g
    data[to + 2] = b
    if (alpha) alpha[pixel] = a
  }
  return { width, height, data, format: 'qoi', alpha }
}
