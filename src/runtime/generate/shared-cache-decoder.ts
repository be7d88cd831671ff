// The fused decoder graph for all answers of a model: those in progress share its steps, whatever
// request they belong to, so that the weights are read once for all of them.
//
// A step takes the wishes that are there when its turn comes. Answers in progress fall into step by
// themselves: the results of one step let all of them say what they want of the next.
import type { Manifest } from '../../compiled/manifest.ts'
import type { Turns } from '../schedule/turns.ts'
import type { Session } from '../session.ts'
import { ROOT } from './beam-forest.ts'
import { CrossBatch, type CrossMember } from './cross-batch.ts'
import type { AnswerDecoder, AnswerDecoders, Requester, StepResult } from './decoder.ts'
import { selectRows, stepInputs, stepResult } from './graph-step.ts'
import { SlotCache } from './slot-cache.ts'

/** One answer in progress. */
interface Answer {
  readonly cross: CrossMember
  readonly requester: Requester | undefined
  /** The slot of each row of its newest step. */
  slots: readonly number[]
}

/** What one answer wants of the next step. */
interface Wish {
  readonly answer: Answer
  readonly tokens: readonly number[]
  /** A chain continues itself; otherwise each token continues a row of the answer's newest step. */
  readonly parents: readonly number[] | 'chain'
  readonly k: number
  readonly resolve: (result: StepResult) => void
  readonly reject: (error: unknown) => void
}

export function createSharedCacheDecoders(
  session: Session,
  manifest: Manifest,
  turns: Turns,
): AnswerDecoders {
  // Whoever has a picture to read comes first: the more answers a step has, the less each costs.
  const share = turns.joinLast()
  const cross = new CrossBatch(manifest)
  const cache = new SlotCache(manifest)
  const answers = new Set<Answer>()
  let wishes: Wish[] = []

  /** Slots that the answers of a step, and those that sit it out, go on from. */
  function ends(granted: readonly Wish[]): number[] {
    const going = new Map(granted.map((wish) => [wish.answer, wish.parents]))
    return [...answers].flatMap((answer) => {
      const parents = going.get(answer)
      if (parents === 'chain') return []
      return parents ? parents.map((row) => answer.slots[row] ?? ROOT) : answer.slots
    })
  }

  function makeRoom(rows: number, granted: readonly Wish[]): void {
    const moved = cache.makeRoom(rows, ends(granted))
    if (!moved) return
    for (const answer of answers) answer.slots = answer.slots.map((slot) => moved.get(slot) ?? ROOT)
  }

  /** Slots for the tokens of a wish. */
  function place({ answer, tokens, parents }: Wish): void {
    if (parents === 'chain') {
      let last = ROOT
      for (let i = 0; i < tokens.length; i += 1) last = cache.forest.append(last)
      answer.slots = [last]
      return
    }
    const before = answer.slots
    answer.slots = parents.map((row) => cache.forest.append(before[row] ?? ROOT))
  }

  async function run(granted: readonly Wish[]): Promise<StepResult> {
    const tokens = granted.flatMap((wish) => wish.tokens)
    makeRoom(tokens.length, granted)
    for (const wish of granted) place(wish)
    const k = Math.max(...granted.map((wish) => wish.k))
    const results = await session.run({
      ...stepInputs(cache.forest, tokens, k),
      ...cache.inputs(),
      ...cross.inputs(granted.flatMap((wish) => wish.tokens.map(() => wish.answer.cross))),
    })
    cache.remember(results, tokens.length)
    return stepResult(results, k)
  }

  async function step(): Promise<void> {
    const granted = wishes
    wishes = []
    const began = performance.now()
    try {
      const result = await run(granted)
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
    const spent = performance.now() - began
    for (const requester of new Set(granted.map(({ answer }) => answer.requester))) {
      requester?.spend(spent)
    }
  }

  const wish = async (wanted: Omit<Wish, 'resolve' | 'reject'>): Promise<StepResult> =>
    new Promise((resolve, reject) => {
      wishes.push({ ...wanted, resolve, reject })
      // The first one asks for a turn, for all that come before it is given.
      if (wishes.length === 1) void turns.run(share, true, step)
    })

  return {
    begin(prefilled, requester): AnswerDecoder {
      const answer: Answer = { cross: cross.join(prefilled), requester, slots: [] }
      answers.add(answer)
      return {
        vocabularySize: manifest.vocabularySize,
        prime: async (tokens, k) => wish({ answer, tokens, parents: 'chain', k }),
        step: async (rows, k) =>
          wish({
            answer,
            tokens: rows.map((row) => row.token),
            parents: rows.map((row) => row.parent),
            k,
          }),
        release() {
          answers.delete(answer)
          cross.leave(answer.cross)
          if (answers.size === 0) cache.clear()
          else cache.litter()
        },
      }
    },
  }
}
