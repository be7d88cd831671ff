// One run of the decoder graph, common to both kinds of cache.
import type { Manifest } from '../../compiled/manifest.ts'
import { floats, floatsOf, int32sOf, int64s, type Tensor, type Tensors } from '../session.ts'
import type { BeamTree } from './beam-tree.ts'
import type { StepResult } from './decoder.ts'

/** The cache's tensors without their prefix: `key_0`, `value_0`, `key_1` ... */
export function cacheNames({ decoderLayers }: Manifest): string[] {
  return Array.from({ length: decoderLayers }, (_, i) => [`key_${i}`, `value_${i}`]).flat()
}

/** Inputs that describe the newest slots of the tree. @param tokens one for each of those slots. */
export function stepInputs(
  tree: BeamTree,
  tokens: readonly number[],
  k: number,
): Record<string, Tensor> {
  const rows = tokens.length
  return {
    input_ids: int64s(tokens, [1, rows]),
    position_ids: int64s(tree.positions(rows), [1, rows]),
    attention_mask: floats(tree.mask(rows), [1, 1, rows, tree.size]),
    k: int64s([k], [1]),
  }
}

export function stepResult(results: Tensors, k: number): StepResult {
  return { k, ids: int32sOf(results, 'ids'), logProbs: floatsOf(results, 'log_probs') }
}

/** The last row of a step over a chain. */
export function lastRow({ k, ids, logProbs }: StepResult): StepResult {
  return { k, ids: ids.subarray(-k), logProbs: logProbs.subarray(-k) }
}
