// The plain decoder graph as a StepDecoder: each step returns a cache longer than it was given.
import type { Manifest } from '../../compiled/manifest.ts'
import { floats, type Session, type Tensors } from '../session.ts'
import { BeamForest, ROOT } from './beam-forest.ts'
import type { StepDecoder, StepResult } from './decoder.ts'
import { cacheNames, selectRows, stepInputs, stepResult } from './graph-step.ts'

/** A decoder at the start of an answer. @param cross the prefill graph's cross-attention cache. */
export function createAppendingDecoder(
  session: Session,
  manifest: Manifest,
  cross: Tensors,
): StepDecoder {
  const { decoderHeads: heads, hiddenSize, vocabularySize } = manifest
  const names = cacheNames(manifest)
  const forest = new BeamForest()
  const empty = floats(new Float32Array(0), [1, heads, 0, hiddenSize / heads])
  let past = Object.fromEntries(names.map((name) => [`past_${name}`, empty]))
  /** Slot of each row of the newest step. */
  let slots: readonly number[] = []

  async function run(tokens: readonly number[], k: number): Promise<StepResult> {
    const results = await session.run({ ...stepInputs(forest, tokens, k), ...past, ...cross })
    past = Object.fromEntries(names.map((name) => [`past_${name}`, results[`present_${name}`]!]))
    return stepResult(results, k)
  }

  return {
    vocabularySize,
    async prime(tokens, k) {
      let last = ROOT
      for (let i = 0; i < tokens.length; i += 1) last = forest.append(last)
      slots = [last]
      return selectRows(await run(tokens, k), { first: tokens.length - 1, count: 1, k })
    },
    async step(rows, k) {
      const before = slots
      slots = rows.map(({ parent }) => forest.append(before[parent] ?? ROOT))
      return run(
        rows.map((row) => row.token),
        k,
      )
    },
  }
}
