// Bicubic resizing in plain TypeScript: the rule in its shortest form. It is the reference that the
// WebAssembly kernel is tested against, and what runs where WebAssembly has no SIMD.
import { WEIGHT_BITS } from './coefficients.ts'
import type { AxisWeights } from './coefficients.ts'
import type { RgbPixels } from '../picture.ts'
import type { Passes } from './passes.ts'

const HALF = 1 << (WEIGHT_BITS - 1)

/** Both passes; gives [lines, columns, 3] bytes. */
export function resizePlain(
  picture: RgbPixels,
  { columns, lines, columnsFirst }: Passes,
): Uint8Array {
  const { width, height, data } = picture
  if (columnsFirst) {
    const middle = lines ? resizeColumns(data, width * 3, lines) : data
    return columns ? resizeRows(middle, width, lines?.first.length ?? height, columns) : middle
  }
  const middle = columns ? resizeRows(data, width, height, columns) : data
  return lines ? resizeColumns(middle, (columns?.first.length ?? width) * 3, lines) : middle
}

/**
 * One pass along rows.
 *
 * @param source [rows, width, 3]
 * @returns [rows, output, 3] where output is the number of `columns`
 */
function resizeRows(
  source: Uint8Array,
  width: number,
  rows: number,
  columns: AxisWeights,
): Uint8Array {
  const { first, count, weights, taps } = columns
  const output = first.length
  const result = new Uint8ClampedArray(rows * output * 3)
  let to = 0
  for (let y = 0; y < rows; y += 1) {
    const row = y * width * 3
    for (let o = 0; o < output; o += 1) {
      let red = HALF
      let green = HALF
      let blue = HALF
      let from = row + (first[o] ?? 0) * 3
      const end = o * taps + (count[o] ?? 0)
      for (let k = o * taps; k < end; k += 1) {
        const weight = weights[k] ?? 0
        red += (source[from] ?? 0) * weight
        green += (source[from + 1] ?? 0) * weight
        blue += (source[from + 2] ?? 0) * weight
        from += 3
      }
      result[to] = red >> WEIGHT_BITS
      result[to + 1] = green >> WEIGHT_BITS
      result[to + 2] = blue >> WEIGHT_BITS
      to += 3
    }
  }
  return new Uint8Array(result.buffer)
}

/**
 * One pass along columns.
 *
 * @param source [height, rowBytes]
 * @returns [output, rowBytes] where output is the number of `lines`
 */
function resizeColumns(source: Uint8Array, rowBytes: number, lines: AxisWeights): Uint8Array {
  const { first, count, weights, taps } = lines
  const output = first.length
  const result = new Uint8ClampedArray(output * rowBytes)
  const sums = new Int32Array(rowBytes)
  for (let o = 0; o < output; o += 1) {
    sums.fill(HALF)
    let from = (first[o] ?? 0) * rowBytes
    const end = o * taps + (count[o] ?? 0)
    for (let k = o * taps; k < end; k += 1) {
      const weight = weights[k] ?? 0
      for (let i = 0; i < rowBytes; i += 1) {
        sums[i] = (sums[i] ?? 0) + (source[from + i] ?? 0) * weight
      }
      from += rowBytes
    }
    const to = o * rowBytes
    for (let i = 0; i < rowBytes; i += 1) result[to + i] = (sums[i] ?? 0) >> WEIGHT_BITS
  }
  return new Uint8Array(result.buffer)
}
