// The plain decoder graph as a StepDecoder: each step returns a cache longer than it was given.
import type { Manifest } from '../../compiled/manifest.ts'
import { floats, type Session, type Tensors } from '../session.ts'
import { BeamTree } from './beam-tree.ts'
import type { StepDecoder, StepResult } from './decoder.ts'
import { cacheNames, lastRow, stepInputs, stepResult } from './graph-step.ts'

/** A decoder at the start of an answer. @param cross the prefill graph's cross-attention cache. */
export function createAppendingDecoder(
  session: Session,
  manifest: Manifest,
  cross: Tensors,
): StepDecoder {
  const { decoderHeads: heads, hiddenSize, vocabularySize } = manifest
  const names = cacheNames(manifest)
  const tree = new BeamTree()
  const empty = floats(new Float32Array(0), [1, heads, 0, hiddenSize / heads])
  let past = Object.fromEntries(names.map((name) => [`past_${name}`, empty]))

  async function run(tokens: readonly number[], k: number): Promise<StepResult> {
    const results = await session.run({ ...stepInputs(tree, tokens, k), ...past, ...cross })
    past = Object.fromEntries(names.map((name) => [`past_${name}`, results[`present_${name}`]!]))
    return stepResult(results, k)
  }

  return {
    vocabularySize,
    async prime(tokens, k) {
      tree.addChain(tokens.length)
      return lastRow(await run(tokens, k))
    },
    async step(rows, k) {
      tree.addRows(rows.map((row) => row.parent))
      return run(
        rows.map((row) => row.token),
        k,
      )
    },
  }
}
