// Bookkeeping of finished beams as transformers >= 4.50 does it (`_beam_search`).
//
// B slots keep the best hypotheses; an empty one counts as finished at EXCLUDED. Everything is
// float32. The search is over when the best beam that still runs could not beat the worst slot; at
// the length limit each of the B best continuations is a hypothesis, ended or not. Of equal scores
// the one that finished earlier is the better.
//
// The reference adds EXCLUDED to whatever must not be chosen and sorts; choosing directly is the
// same for one query: a step ranks 2B continuations and at most B of them end, so that B others
// are always there to run on.
import { endOf, extendBranch, lengthDivisor } from './branch.ts'
import { bestFirst, EXCLUDED, type Bookkeeping, type Hypothesis } from './bookkeeping.ts'
import type { SearchTerms } from './plan.ts'

export function createVectorisedBookkeeping(terms: SearchTerms): Bookkeeping {
  const { numBeams, earlyStopping, lengthPenalty } = terms.options
  /** Best first. */
  let slots: readonly Hypothesis[] = []
  let done = false

  function couldImprove(bestSum: number, length: number): boolean {
    const bestLength = earlyStopping === 'never' && lengthPenalty > 0 ? terms.maxLength : length
    const worst = slots[numBeams - 1]?.score ?? EXCLUDED
    return float32Score(bestSum, bestLength) > worst
  }

  function float32Score(sum: number, length: number): number {
    return Math.fround(sum / Math.fround(lengthDivisor(length, terms)))
  }

  return {
    advance(ranked) {
      const length = (ranked[0]?.branch.ids.length ?? 0) + 1
      const beams = ranked.filter(({ token }) => endOf(token, length, terms) === undefined)
      const finished = ranked.slice(0, numBeams).flatMap((continuation): Hypothesis[] => {
        const finishReason = endOf(continuation.token, length, terms)
        if (finishReason === undefined) return []
        const branch = extendBranch(continuation.branch, continuation)
        return [{ branch, score: float32Score(continuation.sum, length), finishReason }]
      })
      slots = bestFirst([...slots, ...finished], ({ score }) => score).slice(0, numBeams)

      const bestSum = beams[0]?.sum
      done =
        bestSum === undefined ||
        !couldImprove(bestSum, length) ||
        (earlyStopping === true && slots.length === numBeams)
      return beams
        .slice(0, numBeams)
        .map((continuation) => extendBranch(continuation.branch, continuation))
    },
    isDone: () => done,
    leader: () => slots[0],
    results: () => slots,
  }
}
