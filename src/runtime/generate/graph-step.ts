// One run of the decoder graph, common to both kinds of cache.
import type { Manifest } from '../../compiled/manifest.ts'
import { floats, floatsOf, int32sOf, int64s, type Tensor, type Tensors } from '../session.ts'
import type { BeamForest } from './beam-forest.ts'
import type { StepResult } from './decoder.ts'

/** The cache's tensors without their prefix: `key_0`, `value_0`, `key_1` ... */
export function cacheNames({ decoderLayers }: Pick<Manifest, 'decoderLayers'>): string[] {
  return Array.from({ length: decoderLayers }, (_, i) => [`key_${i}`, `value_${i}`]).flat()
}

/** Inputs that describe the newest slots. @param tokens one for each of those slots. */
export function stepInputs(
  forest: BeamForest,
  tokens: readonly number[],
  k: number,
): Record<string, Tensor> {
  const rows = tokens.length
  return {
    input_ids: int64s(tokens, [1, rows]),
    position_ids: int64s(forest.positions(rows), [1, rows]),
    attention_mask: floats(forest.mask(rows), [1, 1, rows, forest.size]),
    k: int64s([k], [1]),
  }
}

export function stepResult(results: Tensors, k: number): StepResult {
  return { k, ids: int32sOf(results, 'ids'), logProbs: floatsOf(results, 'log_probs') }
}

/** Some rows of a step, and of each the first `k` tokens. */
export function selectRows(
  { k: available, ids, logProbs }: StepResult,
  { first, count, k }: { first: number; count: number; k: number },
): StepResult {
  const selected = { k, ids: new Int32Array(count * k), logProbs: new Float32Array(count * k) }
  for (let row = 0; row < count; row += 1) {
    const from = (first + row) * available
    selected.ids.set(ids.subarray(from, from + k), row * k)
    selected.logProbs.set(logProbs.subarray(from, from + k), row * k)
  }
  return selected
}
