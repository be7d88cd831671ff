// The cross-attention caches of several prompts as one: their keys and values lie side by side, and a
// mask keeps each answer's rows to its own prompt.
import type { Manifest } from '../../compiled/manifest.ts'
import { floats, floatsOf, type Tensor, type Tensors } from '../session.ts'
import { MASKED } from './beam-forest.ts'

export interface CrossCache {
  /** `cross_key_i` [1, heads, D, E] and `cross_value_i` [1, heads, E, D]. */
  readonly tensors: Tensors
  /** [1, 1, rows, E]. @param answers which answer each row belongs to. */
  mask(answers: readonly number[]): Tensor
}

/** @param caches the prefill graph's results, one for each answer. */
export function joinCrossCaches(manifest: Manifest, caches: readonly Tensors[]): CrossCache {
  const { decoderHeads: heads, decoderLayers, hiddenSize } = manifest
  const headSize = hiddenSize / heads
  const lengths = caches.map((cache) => floatsOf(cache, 'cross_key_0').length / hiddenSize)
  const total = lengths.reduce((sum, length) => sum + length, 0)
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0))

  /** Side by side on the axis of the prompts' tokens: `rows` runs of `width` floats for each token. */
  const join = (name: string, rows: number, width: number): Float32Array => {
    const joined = new Float32Array(rows * total * width)
    for (const [i, cache] of caches.entries()) {
      const values = floatsOf(cache, name)
      const length = lengths[i]! * width
      for (let row = 0; row < rows; row += 1) {
        const part = values.subarray(row * length, (row + 1) * length)
        joined.set(part, (row * total + starts[i]!) * width)
      }
    }
    return joined
  }
  const joinAll = (): Tensors =>
    Object.fromEntries(
      Array.from({ length: decoderLayers }, (_, i) => {
        const [key, value] = [`cross_key_${i}`, `cross_value_${i}`]
        const keys = join(key, heads * headSize, 1)
        const values = join(value, heads, headSize)
        return [
          [key, floats(keys, [1, heads, headSize, total])],
          [value, floats(values, [1, heads, total, headSize])],
        ] as const
      }).flat(),
    )
  const [only] = caches
  return {
    // One cache is used as it is.
    tensors: caches.length === 1 && only ? only : joinAll(),
    mask(answers) {
      const mask = new Float32Array(answers.length * total)
      if (caches.length > 1) {
        mask.fill(MASKED)
        for (const [row, answer] of answers.entries()) {
          const start = row * total + starts[answer]!
          mask.fill(0, start, start + lengths[answer]!)
        }
      }
      return floats(mask, [1, 1, answers.length, total])
    },
  }
}
