// Truevision TGA pictures, as games and 3D programs write them: palettes, grey, grey with alpha, and
// colours of 16, 24 and 32 bits, run-length coded or not, from any corner.
//
// As in Pillow five bits widen by v * 255 / 31, a set attribute bit of a 16-bit colour is transparent, and
// an index past the palette's end is black.
import { ByteReader } from './byte-reader.ts'
import { assertWithinLimits } from './limits.ts'
import type { PictureLimits } from './limits.ts'
import { unsupportedForm } from './picture-errors.ts'
import { COLOURS, PALETTE, RUN_LENGTH } from './tga-header.ts'
import { decodeTgaRuns } from './tga-runs.ts'
import type { DecodedPicture } from '../picture.ts'

const RIGHT_TO_LEFT = 0x10
const TOP_DOWN = 0x20
/**
 * Decodes a TGA file.
 *
 * @throws FlocapError `invalid_image`, `image_too_large`, `unsupported_image_format` (palettes of
 *   15 bits a colour, run-length coded bits)
 */
export function decodeTga(bytes: Uint8Array, limits: PictureLimits): DecodedPicture {
  const reader = new ByteReader(bytes, 'tga')
  const idBytes = reader.u8()
  const hasMap = reader.u8() === 1
  const type = reader.u8()
  const [mapStart, mapCount, mapBits] = [reader.u16(), reader.u16(), reader.u8()]
  reader.at += 4
  const [width, height] = [reader.u16(), reader.u16()]
  const depth = reader.u8()
  const flags = reader.u8()
  assertWithinLimits('tga', width, height, limits)
  reader.at += idBytes
  const palette = hasMap ? readPalette(reader, mapStart, mapCount, mapBits) : new Uint8Array(1024)
  const isCoded = (type & RUN_LENGTH) !== 0
  if (isCoded && depth === 1) throw unsupportedForm('tga', 'run-length coded single bits')
  const rowBytes = Math.ceil((width * depth) / 8)
  const stored = isCoded
    ? decodeTgaRuns(reader, rowBytes * height, depth / 8)
    : reader.bytes(rowBytes * height)

  const kind = type & ~RUN_LENGTH
  const data = new Uint8Array(width * height * 3)
  const hasAlpha = kind === PALETTE || depth === 16 || depth === 32
  const alpha = hasAlpha ? new Uint8Array(width * height) : undefined
  const paint = choosePainter(kind, depth, { stored, palette, data, alpha })
  for (let row = 0; row < height; row += 1) {
    const y = (flags & TOP_DOWN) === 0 ? height - 1 - row : row
    for (let column = 0; column < width; column += 1) {
      const x = (flags & RIGHT_TO_LEFT) === 0 ? column : width - 1 - column
      paint(row * rowBytes, column, y * width + x)
    }
  }
  return { width, height, data, format: 'tga', alpha: isBlank(alpha) ? undefined : alpha }
}

/** Many programs write 32 bits and leave the alpha empty: such a picture is meant to be seen. */
function isBlank(alpha: Uint8Array | undefined): boolean {
  return alpha?.every((opacity) => opacity === 0) ?? true
}

/** [256, 4]: red, green, blue, alpha; black where the file has none. */
function readPalette(reader: ByteReader, start: number, count: number, bits: number): Uint8Array {
  if (bits !== 16 && bits !== 24 && bits !== 32) {
    throw unsupportedForm('tga', `a palette of ${bits} bits a colour`)
  }
  const colours = new Uint8Array(256 * 4)
  for (let i = 3; i < colours.length; i += 4) colours[i] = 255
  const entries = reader.bytes((count * bits) / 8)
  for (let i = 0; i < Math.min(count, 256 - start); i += 1) {
    const [first = 0, second = 0, third = 0, fourth = 255] = entries.subarray((i * bits) / 8)
    const colour =
      bits === 16 ? fromFifteenBits(first | (second << 8)) : [third, second, first, fourth]
    if (bits === 24) colour[3] = 255
    colours.set(colour, (start + i) * 4)
  }
  return colours
}

/** Red, green, blue, alpha. */
function fromFifteenBits(pixel: number): number[] {
  const widen = (five: number): number => Math.floor(((five & 31) * 255) / 31)
  return [widen(pixel >> 10), widen(pixel >> 5), widen(pixel), pixel >> 15 === 0 ? 255 : 0]
}

interface Canvas {
  readonly stored: Uint8Array
  readonly palette: Uint8Array
  readonly data: Uint8Array
  readonly alpha: Uint8Array | undefined
}

/** What paints the pixel of a column, in the row whose bytes begin at `row`, to pixel `to`. */
function choosePainter(
  kind: number,
  depth: number,
  { stored, palette, data, alpha }: Canvas,
): (row: number, column: number, to: number) => void {
  const put = (to: number, red: number, green: number, blue: number, opacity: number): void => {
    data[to * 3] = red
    data[to * 3 + 1] = green
    data[to * 3 + 2] = blue
    if (alpha) alpha[to] = opacity
  }
  const byte = (at: number): number => stored[at] ?? 0
  if (kind === PALETTE) {
    return (row, column, to) => {
      const [red = 0, green = 0, blue = 0, opacity = 0] = palette.subarray(byte(row + column) * 4)
      put(to, red, green, blue, opacity)
    }
  }
  if (kind === COLOURS && depth === 16) {
    return (row, column, to) => {
      const at = row + column * 2
      const [red = 0, green = 0, blue = 0, opacity = 0] = fromFifteenBits(
        byte(at) | (byte(at + 1) << 8),
      )
      put(to, red, green, blue, opacity)
    }
  }
  if (kind === COLOURS) {
    return (row, column, to) => {
      const at = row + (column * depth) / 8
      put(to, byte(at + 2), byte(at + 1), byte(at), byte(at + 3))
    }
  }
  if (depth === 1) {
    return (row, column, to) => {
      const grey = ((byte(row + (column >> 3)) >> (7 - (column & 7))) & 1) * 255
      put(to, grey, grey, grey, 255)
    }
  }
  return (row, column, to) => {
    const at = row + (column * depth) / 8
    put(to, byte(at), byte(at), byte(at), byte(at + 1))
  }
}
