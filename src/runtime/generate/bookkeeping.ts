// What the two bookkeepings of beam search have in common: the ranking that both start from, and
// what the search asks of either. classic.ts and vectorised.ts say how they differ.
import type { FinishReason } from '../../caption/ports.ts'
import type { Branch } from './branch.ts'
import type { Fork } from './feed.ts'

/**
 * The reference's stand-in for minus infinity: the sum that all beams but the first begin with
 * (they are equal, and one is enough to grow from), and the score of a hypothesis not yet found.
 */
export const EXCLUDED = -1e9

/** A beam and one token more. */
export interface Continuation {
  readonly branch: Branch
  readonly token: number
  readonly logProb: number
  /** Sum of log-probabilities with `logProb`, float32. */
  readonly sum: number
}

export interface Hypothesis {
  readonly branch: Branch
  readonly score: number
  readonly finishReason: FinishReason
}

export interface Bookkeeping {
  /** Takes in the best continuations of one step, best first; gives the beams of the next step. */
  advance(ranked: readonly Continuation[]): Branch[]
  /** True when the search is over. */
  isDone(): boolean
  /** The best finished hypothesis so far: the only finished one that can still be the answer. */
  leader(): Hypothesis | undefined
  /** The finished hypotheses, best first, once the search is over; at most `numBeams`. */
  results(): readonly Hypothesis[]
}

/**
 * The `limit` best continuations of all beams together, best first. Equal sums: the beam that ranked
 * higher first, then the token that is more probable, then the lower id. (torch.topk, which the
 * reference uses, leaves the order of equal values unspecified.)
 */
export function rankContinuations(forks: readonly Fork[], limit: number): Continuation[] {
  const all = forks.flatMap(({ branch, next }) =>
    next.map(({ token, logProb }) => ({
      branch,
      token,
      logProb,
      sum: Math.fround(branch.sum + logProb),
    })),
  )
  return bestFirst(all, ({ sum }) => sum).slice(0, limit)
}

/** Sorted by falling value; equal ones keep their order. */
export function bestFirst<T>(items: readonly T[], value: (item: T) => number): T[] {
  return items.toSorted((a, b) => {
    const [left, right] = [value(a), value(b)]
    if (left === right) return 0
    return left > right ? -1 : 1
  })
}
