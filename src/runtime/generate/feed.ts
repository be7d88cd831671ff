// One step of a search as the branches see it: which tokens may follow each of them.
//
// Joins the decoder with the processors and hides two savings. All branches begin alike, so the
// decoder reads the prompt and every token forced upon it as one chain (`prime`) and all branches
// continue its one row. And where the next token is forced, the decoder is not asked at all.
import { FlocapError } from '../../base/errors.ts'
import type { Branch } from './branch.ts'
import type { StepDecoder, StepResult } from './decoder.ts'
import { bannedTokens, bestTokens, forcedToken, listLength, type ScoredToken } from './logits.ts'
import type { SearchTerms } from './plan.ts'

/** A branch and the tokens that may follow it, best first. */
export interface Fork {
  readonly branch: Branch
  readonly next: readonly ScoredToken[]
}

/**
 * Steps branches of one length: for each at least `needed` tokens if the vocabulary has them, or
 * the one that is forced.
 * @throws FlocapError `cancelled` when the signal has been aborted
 */
export type Feed = (branches: readonly Branch[], needed: number) => Promise<readonly Fork[]>

export function createFeed(decoder: StepDecoder, terms: SearchTerms, signal?: AbortSignal): Feed {
  let primed = false

  /** The decoder's answer, and the branches with the rows that they have in it. */
  async function read(branches: readonly Branch[], k: number): Promise<[StepResult, Branch[]]> {
    if (primed) {
      const rows = branches.map(({ ids, row }) => ({ token: newest(ids), parent: row }))
      return [await decoder.step(rows, k), branches.map((branch, row) => ({ ...branch, row }))]
    }
    primed = true
    const result = await decoder.prime(branches[0]?.ids ?? terms.prompt, k)
    return [result, branches.map((branch) => ({ ...branch, row: 0 }))]
  }

  return async (branches, needed) => {
    if (signal?.aborted === true) {
      throw new FlocapError('cancelled', 'The request was cancelled while its answer was made.')
    }
    const length = branches[0]?.ids.length ?? 0
    const forced = forcedToken(length, terms)
    if (forced !== undefined) {
      return branches.map((branch) => ({ branch, next: [{ token: forced, logProb: 0 }] }))
    }
    const { noRepeatNgramSize } = terms.options
    const banned = branches.map(({ ids }) => bannedTokens(ids, noRepeatNgramSize))
    const k = listLength(banned, needed, decoder.vocabularySize)
    const [result, rows] = await read(branches, k)
    if (result.k < k) {
      throw new FlocapError(
        'internal_error',
        `The decoder gave ${result.k} tokens instead of ${k}.`,
      )
    }
    return rows.map((branch, i) => ({
      branch,
      next: bestTokens(result, branch.row, banned[i] ?? [], needed),
    }))
  }
}

function newest(ids: readonly number[]): number {
  const token = ids.at(-1)
  if (token === undefined) throw new RangeError('a branch holds at least the start token')
  return token
}
