// The fused decoder graph for the answers to one or several prompts, which share its steps: the weights
// are read once for all of them.
//
// The cache is kept here, in buffers with room behind the slots in use, which start small. A step gives
// the keys and values of its own slots, and they are put behind the others. When a buffer is full, slots
// that no live beam can see are given back, and only if that frees too little it grows: beams share most
// of their past, so it seldom does.
import type { Manifest } from '../../compiled/manifest.ts'
import { floats, floatsOf, int32s, type Session, type Tensor, type Tensors } from '../session.ts'
import { BeamForest, ROOT } from './beam-forest.ts'
import { joinCrossCaches } from './cross-cache.ts'
import type { AnswerDecoder, StepResult } from './decoder.ts'
import { cacheNames, selectRows, stepInputs, stepResult } from './graph-step.ts'

/** Slots at the start: three beams of a short caption. 9 MB for Florence-2-base. */
const FIRST_CAPACITY = 256

/** Thirds of a `qkv` output. */
const KEYS = 1
const VALUES = 2

/** What one answer wants of the next step. */
interface Wish {
  readonly answer: number
  readonly tokens: readonly number[]
  /** A chain continues itself; otherwise each token continues its own slot. */
  readonly parents: readonly number[] | 'chain'
  readonly k: number
  readonly resolve: (result: StepResult) => void
  readonly reject: (error: unknown) => void
}

/**
 * Decoders at the start of their answers, in step: a step is run when every answer that goes on has
 * said what it wants.
 *
 * @param caches the prefill graph's cross-attention cache of each prompt.
 * @param turn runs a step when the scheduler says so.
 */
export function createSharedCacheDecoders(
  session: Session,
  manifest: Manifest,
  caches: readonly Tensors[],
  turn: <T>(work: () => Promise<T>) => Promise<T>,
): AnswerDecoder[] {
  const { decoderHeads: heads, decoderLayers, hiddenSize, vocabularySize } = manifest
  const headSize = hiddenSize / heads
  const names = cacheNames(manifest)
  const cross = joinCrossCaches(manifest, caches)
  const forest = new BeamForest()
  let capacity = FIRST_CAPACITY
  let buffers = names.map(() => new Float32Array(heads * capacity * headSize))
  /** For each answer the slot of each row of its newest step. */
  const slots: (readonly number[])[] = caches.map(() => [])
  let wishes: Wish[] = []
  let active = caches.length

  /** Makes room for `rows` more slots. @param parents slots that go on. */
  function makeRoom(rows: number, parents: readonly number[]): void {
    if (forest.size + rows <= capacity) return
    const live = forest.liveSlots(parents)
    const before = capacity
    while (2 * (live.length + rows) > capacity) capacity *= 2
    buffers = buffers.map((buffer) => {
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
    const moved = forest.keep(live)
    for (const [i, own] of slots.entries()) slots[i] = own.map((slot) => moved.get(slot) ?? ROOT)
  }

  /** Slots for the tokens of a wish. */
  function place({ answer, tokens, parents }: Wish): void {
    if (parents === 'chain') {
      let last = ROOT
      for (let i = 0; i < tokens.length; i += 1) last = forest.append(last)
      slots[answer] = [last]
      return
    }
    const before = slots[answer]!
    slots[answer] = parents.map((row) => forest.append(before[row] ?? ROOT))
  }

  async function run(granted: readonly Wish[]): Promise<StepResult> {
    const parents = granted.flatMap((wish) =>
      wish.parents === 'chain' ? [] : wish.parents.map((row) => slots[wish.answer]![row] ?? ROOT),
    )
    const tokens = granted.flatMap((wish) => wish.tokens)
    makeRoom(tokens.length, parents)
    for (const wish of granted) place(wish)
    const k = Math.max(...granted.map((wish) => wish.k))
    const inputs: Record<string, Tensor> = {
      ...stepInputs(forest, tokens, k),
      ...cross.tensors,
      cross_mask: cross.mask(granted.flatMap(({ answer, tokens: own }) => own.map(() => answer))),
      seqlens: int32s([forest.size - 1], [1]),
      total: int32s([forest.size], []),
    }
    for (const [i, name] of names.entries()) {
      inputs[`past_${name}`] = floats(buffers[i]!, [1, heads, capacity, headSize])
    }
    const results = await session.run(inputs)
    remember(results, tokens.length)
    return stepResult(results, k)
  }

  /** Puts the keys and values of the newest `rows` slots where the next step looks for them. */
  function remember(results: Tensors, rows: number): void {
    const first = forest.size - rows
    for (let layer = 0; layer < decoderLayers; layer += 1) {
      const qkv = floatsOf(results, `qkv_${layer}`)
      for (const part of [KEYS, VALUES]) {
        const buffer = buffers[2 * layer + part - KEYS]!
        for (let row = 0; row < rows; row += 1) {
          for (let head = 0; head < heads; head += 1) {
            const from = (3 * row + part) * hiddenSize + head * headSize
            const to = (head * capacity + first + row) * headSize
            for (let i = 0; i < headSize; i += 1) buffer[to + i] = qkv[from + i]!
          }
        }
      }
    }
  }

  /** Runs the step when nobody is missing. */
  async function proceed(): Promise<void> {
    if (active === 0 || wishes.length < active) return
    const granted = wishes
    wishes = []
    try {
      const result = await turn(() => run(granted))
      let first = 0
      for (const { tokens, parents, k, resolve } of granted) {
        // Of a chain only the last token's successors are asked for.
        const skipped = parents === 'chain' ? tokens.length - 1 : 0
        resolve(selectRows(result, { first: first + skipped, count: tokens.length - skipped, k }))
        first += tokens.length
      }
    } catch (error) {
      for (const { reject } of granted) reject(error)
    }
  }

  const wish = async (wanted: Omit<Wish, 'resolve' | 'reject'>): Promise<StepResult> =>
    new Promise((resolve, reject) => {
      wishes.push({ ...wanted, resolve, reject })
      void proceed()
    })

  return caches.map((_, answer) => ({
    vocabularySize,
    prime: async (tokens, k) => wish({ answer, tokens, parents: 'chain', k }),
    step: async (rows, k) =>
      wish({
        answer,
        tokens: rows.map((row) => row.token),
        parents: rows.map((row) => row.parent),
        k,
      }),
    release() {
      active -= 1
      void proceed()
    },
  }))
}
