// Windows icons (ICO) and cursors (CUR): the largest of the pictures inside, as Pillow picks it.
//
// Of several of one size the one with the fewest colours comes first, which is Pillow's order too.
// A picture inside is a PNG, or a BMP without its file header and with twice the height: below the
// colours stands a mask of single bits, set where the icon is transparent. With 32 bits a pixel the
// fourth byte is the alpha instead.
import { decodeBmp } from './bmp.ts'
import { ByteReader } from './byte-reader.ts'
import type { PictureLimits } from './limits.ts'
import { damagedPicture } from './picture-errors.ts'
import type { DecodedPicture } from '../picture.ts'

const DIRECTORY_BYTES = 6
const ENTRY_BYTES = 16
const CURSOR = 2
const BMP_HEADER_BYTES = 14
const CORE_HEADER_BYTES = 12
const INFO_HEADER_BYTES = 40
const BITFIELDS = 3
const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n'

interface Entry {
  readonly area: number
  readonly colourBits: number
  readonly at: number
  readonly size: number
}

/**
 * Decodes the largest picture of an icon or cursor.
 *
 * @param decodePng for a PNG inside
 * @throws FlocapError `invalid_image`, `image_too_large`, `unsupported_image_format`
 */
export async function decodeIcon(
  bytes: Uint8Array,
  limits: PictureLimits,
  decodePng: (png: Uint8Array, limits: PictureLimits) => Promise<DecodedPicture>,
): Promise<DecodedPicture> {
  const { at, size } = findLargest(bytes)
  const content = bytes.subarray(at)
  if (Buffer.from(content.subarray(0, 8)).toString('latin1') === PNG_SIGNATURE) {
    return { ...(await decodePng(content, limits)), format: 'ico' }
  }
  return decodeBitmap(content, size, limits)
}

function findLargest(bytes: Uint8Array): Entry {
  const reader = new ByteReader(bytes, 'ico')
  reader.at = 2
  const isCursor = reader.u16() === CURSOR
  const count = reader.u16()
  const entries = Array.from({ length: count }, (_, i): Entry => {
    reader.at = DIRECTORY_BYTES + i * ENTRY_BYTES
    const area = (reader.u8() || 256) * (reader.u8() || 256)
    const colours = reader.u8()
    reader.at += 3
    const bits = reader.u16()
    // In a cursor it is the place of the hot spot.
    const colourBits = (!isCursor && bits) || (colours > 0 && Math.ceil(Math.log2(colours))) || 256
    return { area, colourBits, size: reader.u32(), at: reader.u32() }
  })
  const [largest] = entries.toSorted((a, b) => b.area - a.area || a.colourBits - b.colourBits)
  if (!largest) throw damagedPicture('ico', 'there is no picture in it')
  return largest
}

/** @param content from the bitmap's header on; `size`: how much of it the directory gives */
function decodeBitmap(content: Uint8Array, size: number, limits: PictureLimits): DecodedPicture {
  const reader = new ByteReader(content, 'ico')
  const headerBytes = reader.u32()
  const isCore = headerBytes === CORE_HEADER_BYTES
  reader.at += isCore ? 2 : 4
  const heightAt = BMP_HEADER_BYTES + reader.at
  const height = Math.trunc((isCore ? reader.u16() : reader.i32()) / 2)
  reader.at += 2
  const bits = reader.u16()
  const hasMasks = !isCore && reader.u32() === BITFIELDS && headerBytes === INFO_HEADER_BYTES
  const bitmap = Buffer.concat([Buffer.alloc(BMP_HEADER_BYTES), content])
  if (isCore) bitmap.writeUInt16LE(height, heightAt)
  else bitmap.writeInt32LE(height, heightAt)
  const picture = decodeBmp(bitmap, limits)
  const pixelsAt = headerBytes + (hasMasks ? 12 : 0)
  const alpha =
    (bits === 32 ? readAlpha(content.subarray(pixelsAt), picture) : undefined) ??
    readMask(content.subarray(0, size), picture)
  return { ...picture, format: 'ico', alpha }
}

interface Size {
  readonly width: number
  readonly height: number
}

/** The fourth byte of each pixel, bottom row first; undefined where all are 0, as in old icons. */
function readAlpha(pixels: Uint8Array, { width, height }: Size): Uint8Array | undefined {
  const alpha = new Uint8Array(width * height)
  for (let i = 0; i < alpha.length; i += 1) {
    const y = height - 1 - Math.floor(i / width)
    alpha[y * width + (i % width)] = pixels[i * 4 + 3] ?? 0
  }
  return alpha.some((opacity) => opacity > 0) ? alpha : undefined
}

/** The bits at the end, bottom row first; undefined where the file ends before them. */
function readMask(content: Uint8Array, { width, height }: Size): Uint8Array | undefined {
  const rowBytes = Math.ceil(width / 32) * 4
  const from = content.length - rowBytes * height
  if (from < 0) return undefined
  const alpha = new Uint8Array(width * height)
  for (let y = 0; y < height; y += 1) {
    const row = from + (height - 1 - y) * rowBytes
    for (let x = 0; x < width; x += 1) {
      const isClear = (((content[row + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 1
      alpha[y * width + x] = isClear ? 0 : 255
    }
  }
  return alpha
}
