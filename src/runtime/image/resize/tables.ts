// The weights of an axis in the form that the vector kernel walks through.
import type { AxisWeights } from './coefficients.ts'
import {
  GROUP_BYTES,
  PAIR_BYTES,
  RECORD_HEAD_BYTES,
  splitWeight,
  TAPS_PER_GROUP,
} from './kernel.ts'

/** Bytes of one output column's record. */
export function recordBytes({ taps }: AxisWeights): number {
  return RECORD_HEAD_BYTES + Math.ceil(taps / TAPS_PER_GROUP) * GROUP_BYTES
}

/** Bytes of one output line's pairs. */
export function linePairsBytes({ taps }: AxisWeights): number {
  return Math.ceil(taps / 2) * PAIR_BYTES
}

/** Writes a record for each output column at `at`: where its pixels start, then their weights. */
export function writeRecords(memory: Uint8Array, at: number, columns: AxisWeights): void {
  const { first, weights, taps } = columns
  const size = recordBytes(columns)
  const view = new DataView(memory.buffer, at)
  memory.fill(0, at, at + first.length * size)
  for (let o = 0; o < first.length; o += 1) {
    view.setInt32(o * size, (first[o] ?? 0) * 3, true)
    for (let k = 0; k < taps; k += 1) {
      const [high, low] = splitWeight(weights[o * taps + k] ?? 0)
      const group = o * size + RECORD_HEAD_BYTES + Math.floor(k / TAPS_PER_GROUP) * GROUP_BYTES
      const place = group + (k % TAPS_PER_GROUP) * 2
      view.setInt16(place, high, true)
      view.setInt16(place + TAPS_PER_GROUP * 2, low, true)
    }
  }
}

/** Writes the pairs of weights of each output line at `at`. */
export function writeLinePairs(memory: Uint8Array, at: number, lines: AxisWeights): void {
  const { first, weights, taps } = lines
  const size = linePairsBytes(lines)
  const view = new DataView(memory.buffer, at)
  memory.fill(0, at, at + first.length * size)
  for (let o = 0; o < first.length; o += 1) {
    for (let k = 0; k < taps; k += 1) {
      const [high, low] = splitWeight(weights[o * taps + k] ?? 0)
      const place = o * size + Math.floor(k / 2) * PAIR_BYTES + (k % 2) * 2
      view.setInt16(place, high, true)
      view.setInt16(place + 4, low, true)
    }
  }
}
