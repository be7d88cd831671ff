// The fused decoder graph as a StepDecoder: its cache is one buffer that is fed and fetched as the
// same memory.
//
// The buffer starts small. When it is full, slots that no live beam can see are given back, and only
// if that frees too little it grows: beams share most of their past, so it seldom does.
import type { Manifest } from '../../compiled/manifest.ts'
import { floats, int32s, type Session, type Tensor, type Tensors } from '../session.ts'
import { BeamTree } from './beam-tree.ts'
import type { StepDecoder, StepResult } from './decoder.ts'
import { cacheNames, lastRow, stepInputs, stepResult } from './graph-step.ts'

/** Slots at the start: three beams of a short caption. 9 MB for Florence-2-base. */
const FIRST_CAPACITY = 256

/** A decoder at the start of an answer. @param cross the prefill graph's cross-attention cache. */
export function createSharedCacheDecoder(
  session: Session,
  manifest: Manifest,
  cross: Tensors,
): StepDecoder {
  const { decoderHeads: heads, hiddenSize, vocabularySize } = manifest
  const headSize = hiddenSize / heads
  const names = cacheNames(manifest)
  const tree = new BeamTree()
  let capacity = FIRST_CAPACITY
  let cache = names.map(() => new Float32Array(heads * capacity * headSize))

  /** Makes room for `rows` more slots. @param parents rows of the newest step that go on. */
  function makeRoom(rows: number, parents: readonly number[]): void {
    if (tree.size + rows <= capacity) return
    const live = tree.liveSlots(parents)
    const before = capacity
    while (2 * (live.length + rows) > capacity) capacity *= 2
    cache = cache.map((buffer) => {
      const target = capacity === before ? buffer : new Float32Array(heads * capacity * headSize)
      for (let head = 0; head < heads; head += 1) {
        // In order, each to a lower place or its own, so one buffer can be both source and target.
        for (const [to, from] of live.entries()) {
          const start = (head * before + from) * headSize
          target.set(buffer.subarray(start, start + headSize), (head * capacity + to) * headSize)
        }
      }
      return target
    })
    tree.keep(live)
  }

  async function run(tokens: readonly number[], k: number): Promise<StepResult> {
    const inputs: Record<string, Tensor> = {
      ...stepInputs(tree, tokens, k),
      seqlens: int32s([tree.size - 1], [1]),
      total: int32s([tree.size], []),
      ...cross,
    }
    const outputs: Record<string, Tensor | null> = { ids: null, log_probs: null }
    for (const [i, name] of names.entries()) {
      const tensor = floats(cache[i]!, [1, heads, capacity, headSize])
      inputs[`past_${name}`] = tensor
      outputs[`present_${name}`] = tensor
    }
    return stepResult(await session.run(inputs, outputs), k)
  }

  return {
    vocabularySize,
    async prime(tokens, k) {
      makeRoom(tokens.length, [])
      tree.addChain(tokens.length)
      return lastRow(await run(tokens, k))
    },
    async step(rows, k) {
      const parents = rows.map((row) => row.parent)
      makeRoom(rows.length, parents)
      tree.addRows(parents)
      return run(
        rows.map((row) => row.token),
        k,
      )
    },
  }
}
