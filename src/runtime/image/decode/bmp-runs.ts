// The run-length coding of BMP: pairs of a count and a value, with escapes for line ends, jumps and
// literal runs. A count that leads past its row is cut there, as Pillow does.
import type { ByteReader } from './byte-reader.ts'

const END_OF_LINE = 0
const END_OF_BITMAP = 1
const DELTA = 2

/**
 * [height, width] palette indices in stored order; what no run covers is index 0.
 *
 * @param reader at the first run
 * @param fourBits two indices a byte, else one
 * @throws FlocapError `invalid_image` when the file ends before the end code and the last pixel
 */
export function decodeBmpRuns(
  reader: ByteReader,
  width: number,
  height: number,
  fourBits: boolean,
): Uint8Array {
  const indices = new Uint8Array(width * height)
  let x = 0
  let y = 0
  const paint = (index: number): void => {
    if (x < width) indices[y * width + x] = index
    x += 1
  }
  while (y < height && !(y === height - 1 && x >= width)) {
    const count = reader.u8()
    const value = reader.u8()
    if (count > 0) {
      for (let i = 0; i < count; i += 1) paint(fourBits ? nibble(value, i) : value)
    } else if (value === END_OF_LINE) {
      x = 0
      y += 1
    } else if (value === END_OF_BITMAP) {
      break
    } else if (value === DELTA) {
      x += reader.u8()
      y += reader.u8()
    } else {
      const literals = reader.bytes(fourBits ? Math.ceil(value / 2) : value)
      for (let i = 0; i < value; i += 1) {
        paint(fourBits ? nibble(literals[i >> 1] ?? 0, i) : (literals[i] ?? 0))
      }
      // Literal runs fill whole 16-bit words.
      if (literals.length % 2 === 1 && reader.remaining > 0) reader.at += 1
    }
  }
  return indices
}

/** The high half of the byte for even positions, the low half for odd ones. */
function nibble(byte: number, position: number): number {
  return position % 2 === 0 ? byte >> 4 : byte & 15
}
