// The decoder graph as a StepDecoder: feeds it tokens, keeps its cache.
import type { Manifest } from '../../compiled/manifest.ts'
import {
  floats,
  floatsOf,
  int32sOf,
  int64s,
  type Session,
  type Tensor,
  type Tensors,
} from '../session.ts'
import { BeamTree } from './beam-tree.ts'
import type { DecoderRow, StepDecoder, StepResult } from './decoder.ts'

/**
 * A decoder at the start of an answer.
 *
 * @param cross the prefill graph's `cross_key_i` and `cross_value_i`.
 */
export function createGraphDecoder(
  session: Session,
  manifest: Manifest,
  cross: Tensors,
): StepDecoder {
  const { decoderLayers, decoderHeads, hiddenSize, vocabularySize } = manifest
  const layers = Array.from({ length: decoderLayers }, (_, i) => i)
  const names = layers.flatMap((i) => [`key_${i}`, `value_${i}`])
  const outputs = ['log_probs', 'ids', ...names.map((name) => `present_${name}`)]
  const tree = new BeamTree()
  let past: Record<string, Tensor> = Object.fromEntries(
    names.map((name) => [
      `past_${name}`,
      floats(new Float32Array(0), [1, decoderHeads, 0, hiddenSize / decoderHeads]),
    ]),
  )

  /** Feeds the newest slots of the tree. */
  async function run(tokens: readonly number[], k: number): Promise<StepResult> {
    const rows = tokens.length
    const results = await session.run(
      {
        input_ids: int64s(tokens, [1, rows]),
        position_ids: int64s(tree.positions(rows), [1, rows]),
        attention_mask: floats(tree.mask(rows), [1, 1, rows, tree.size]),
        k: int64s([k], [1]),
        ...past,
        ...cross,
      },
      outputs,
    )
    past = Object.fromEntries(names.map((name) => [`past_${name}`, results[`present_${name}`]!]))
    return { k, ids: int32sOf(results, 'ids'), logProbs: floatsOf(results, 'log_probs') }
  }

  return {
    vocabularySize,
    async prime(tokens, k) {
      tree.addChain(tokens.length)
      const { ids, logProbs } = await run(tokens, k)
      return { k, ids: ids.subarray(-k), logProbs: logProbs.subarray(-k) }
    },
    async step(rows: readonly DecoderRow[], k) {
      tree.addRows(rows.map((row) => row.parent))
      return run(
        rows.map((row) => row.token),
        k,
      )
    },
  }
}
