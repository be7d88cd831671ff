// The weights of Pillow's antialiased filters, as the 22-bit integers it sums with.
//
// Source: Pillow's Resample.c (precompute_coeffs, normalize_coeffs_8bpc). Every operation is kept in
// its order: a different rounding of one double can change a weight, and with it a pixel.
import { BICUBIC, type Filter } from './filters.ts'

/** Fraction bits of a weight; the product of weights and bytes stays within 32 bits. */
export const WEIGHT_BITS = 22

/** For each output pixel of one axis: which source pixels count, and how much. */
export interface AxisWeights {
  /** [output] index of the first source pixel. */
  readonly first: Int32Array
  /** [output] how many source pixels count. */
  readonly count: Int32Array
  /** [output, taps]; 0 past an output's count. */
  readonly weights: Int32Array
  /** The largest count. */
  readonly taps: number
}

/** @param input, output sides in pixels, at least 1 */
export function createAxisWeights(
  input: number,
  output: number,
  filter: Filter = BICUBIC,
): AxisWeights {
  const scale = input / output
  const filterScale = Math.max(scale, 1)
  const support = filter.support * filterScale
  const perPixel = 1 / filterScale
  const capacity = Math.ceil(support) * 2 + 1
  const first = new Int32Array(output)
  const count = new Int32Array(output)
  const wide = new Int32Array(output * capacity)
  const exact = new Float64Array(capacity)
  let taps = 0
  for (let o = 0; o < output; o += 1) {
    const centre = (o + 0.5) * scale
    const from = Math.max(0, Math.trunc(centre - support + 0.5))
    const n = Math.min(input, Math.trunc(centre + support + 0.5)) - from
    let sum = 0
    for (let i = 0; i < n; i += 1) {
      const weight = filter.weigh((i + from - centre + 0.5) * perPixel)
      exact[i] = weight
      sum += weight
    }
    for (let i = 0; i < n; i += 1) {
      wide[o * capacity + i] = toFixed(sum === 0 ? (exact[i] ?? 0) : (exact[i] ?? 0) / sum)
    }
    first[o] = from
    count[o] = n
    taps = Math.max(taps, n)
  }
  const weights = new Int32Array(output * taps)
  for (let o = 0; o < output; o += 1) {
    weights.set(wide.subarray(o * capacity, o * capacity + taps), o * taps)
  }
  return { first, count, weights, taps }
}

/** The weights for the same axis of a picture that is stored the other way round. */
export function mirrorAxisWeights(axis: AxisWeights, input: number): AxisWeights {
  const output = axis.first.length
  const first = new Int32Array(output)
  const weights = new Int32Array(output * axis.taps)
  for (let o = 0; o < output; o += 1) {
    const from = output - 1 - o
    const count = axis.count[from] ?? 0
    first[o] = input - (axis.first[from] ?? 0) - count
    const part = axis.weights.subarray(from * axis.taps, from * axis.taps + count)
    weights.set(part.toReversed(), o * axis.taps)
  }
  return { first, count: axis.count.toReversed(), weights, taps: axis.taps }
}

/** Rounded half away from zero. */
function toFixed(weight: number): number {
  return Math.trunc(weight * 2 ** WEIGHT_BITS + (weight < 0 ? -0.5 : 0.5))
}
