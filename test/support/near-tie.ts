// Proof that two answers differ by nothing but float32's rounding: scores that differ from those that
// the search was given by no more than that, and with which it finds the reference's answer.
//
// Where two beams are that close, the reference's own answer depends on the order in which its machine
// adds. Any other difference is an error: no scores within the noise lead to it.
import { generate, type SearchPlan } from '../../src/runtime/generate/generate.ts'
import type { DecoderRow, StepDecoder, StepResult } from '../../src/runtime/generate/decoder.ts'

type Sequences = readonly (readonly number[])[]

export interface NearTieOptions {
  /** A fresh decoder, asked as often as there are attempts. */
  readonly begin: () => StepDecoder
  readonly plan: SearchPlan
  /** The reference's sequences, best first, without the decoder start token. */
  readonly reference: Sequences
  /** What float32 may change of a log-probability: relative above 1, as `SCORE_TOLERANCE`. */
  readonly noise: number
}

/** Beyond these a witness that was not found is taken not to be there. */
const RANDOM_ATTEMPTS = 30

/** Of the noise, -1 to 1. @param rank of the first of the reference's sequences that goes this way */
type Shift = (token: number, prefix: readonly number[], rank: number | undefined) => number

/**
 * Whether the search finds `reference` when log-probabilities are moved by at most `noise`: up on the
 * way to the reference's sequences and down elsewhere, the first of them most, or at random.
 */
export async function isNearTie(options: NearTieOptions): Promise<boolean> {
  const last = Math.max(1, options.reference.length - 1)
  const shifts: readonly Shift[] = [
    (_token, _prefix, rank) => (rank === undefined ? -1 : 1),
    // For the order among the sequences themselves.
    (_token, _prefix, rank) => (rank === undefined ? -1 : 1 - rank / last),
    ...Array.from({ length: RANDOM_ATTEMPTS }, (_, attempt) => randomly(attempt)),
  ]
  for (const shift of shifts) {
    const found = await generate(favour(options, shift), options.plan)
    if (isSame(options.reference, found)) return true
  }
  return false
}

/** Every other time the ways of the reference are favoured all the same. */
function randomly(attempt: number): Shift {
  return (token, prefix, rank) => {
    if (rank !== undefined && attempt % 2 === 0) return 1
    const before = prefix.reduce((sum, each) => (31 * sum + each) % 65_521, 7)
    const random = Math.sin(1_009 * attempt + 31 * token + before) * 43_758.5453
    return 2 * (random - Math.floor(random)) - 1
  }
}

function isSame(reference: Sequences, found: readonly { readonly tokens: readonly number[] }[]) {
  const spell = (sequences: Sequences): string => sequences.map((ids) => ids.join(' ')).join('/')
  return spell(reference) === spell(found.map(({ tokens }) => tokens))
}

/** The decoder with its log-probabilities moved, and its tokens in their new order. */
function favour({ begin, plan, reference, noise }: NearTieOptions, shift: Shift): StepDecoder {
  const decoder = begin()
  const all = decoder.vocabularySize
  const ways = reference.map((ids) => [plan.vocabulary.decoderStart, ...ids])
  let prefixes: readonly (readonly number[])[] = []

  function move(result: StepResult, k: number): StepResult {
    const rows = prefixes.map((prefix, row) => {
      const ranks = new Map<number, number>()
      for (const [rank, way] of ways.entries()) {
        const next = way[prefix.length]
        if (next === undefined || ranks.has(next)) continue
        if (prefix.every((token, at) => way[at] === token)) ranks.set(next, rank)
      }
      return Array.from({ length: all }, (_, at): [token: number, logProb: number] => {
        const token = result.ids[row * all + at] ?? 0
        const logProb = result.logProbs[row * all + at] ?? 0
        const share = shift(token, prefix, ranks.get(token))
        return [token, logProb + noise * share * Math.max(1, Math.abs(logProb))]
      })
        .toSorted((a, b) => Math.fround(b[1]) - Math.fround(a[1]) || a[0] - b[0])
        .slice(0, k)
    })
    return {
      k,
      ids: Int32Array.from(rows.flatMap((row) => row.map(([token]) => token))),
      logProbs: Float32Array.from(rows.flatMap((row) => row.map(([, logProb]) => logProb))),
    }
  }

  return {
    vocabularySize: all,
    async prime(tokens, k) {
      prefixes = [[...tokens]]
      return move(await decoder.prime(tokens, all), k)
    },
    async step(rows: readonly DecoderRow[], k) {
      prefixes = rows.map(({ token, parent }) => [...(prefixes[parent] ?? []), token])
      return move(await decoder.step(rows, all), k)
    },
  }
}
