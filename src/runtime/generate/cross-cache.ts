// The cross-attention caches of several prompts as one: their keys and values lie side by side, and a
// mask keeps each answer's rows to its own prompt.
import type { Manifest } from '../../compiled/manifest.ts'
import { floats, floatsOf, type Tensor, type Tensors } from '../session.ts'
import { MASKED } from './beam-forest.ts'
import { cacheNames } from './graph-step.ts'

export interface CrossCache {
  /** `cross_key_i` and `cross_value_i`, [1, heads, E, D] each. */
  readonly tensors: Tensors
  /** [1, 1, rows, E]. @param answers which answer each row belongs to. */
  mask(answers: readonly number[]): Tensor
}

/** @param caches the prefill graph's results, one for each answer. */
export function joinCrossCaches(manifest: Manifest, caches: readonly Tensors[]): CrossCache {
  const { decoderHeads: heads, hiddenSize } = manifest
  const headSize = hiddenSize / heads
  const lengths = caches.map((cache) => floatsOf(cache, 'cross_key_0').length / hiddenSize)
  const total = lengths.reduce((sum, length) => sum + length, 0)
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0))

  const join = (name: string): Tensor => {
    const joined = new Float32Array(heads * total * headSize)
    for (const [i, cache] of caches.entries()) {
      const values = floatsOf(cache, name)
      const length = lengths[i]! * headSize
      for (let head = 0; head < heads; head += 1) {
        const part = values.subarray(head * length, (head + 1) * length)
        joined.set(part, (head * total + starts[i]!) * headSize)
      }
    }
    return floats(joined, [1, heads, total, headSize])
  }
  const [only] = caches
  return {
    // One cache is used as it is.
    tensors:
      caches.length === 1 && only
        ? only
        : Object.fromEntries(
            cacheNames(manifest).map((name) => [`cross_${name}`, join(`cross_${name}`)]),
          ),
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
