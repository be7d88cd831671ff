// Bookkeeping of finished beams as transformers <= 4.49 does it (BeamSearchScorer, BeamHypotheses).
//
// A list keeps the best B hypotheses. Scores are divided in float64. The search is over when the
// list is full and the best sum of the step, ended or not, could not beat its worst member; beams
// that are still open when the length limit strikes are hypotheses too. Of equal scores the one
// that was added later is the better.
import { endOf, extendBranch, isEnd, lengthDivisor, type Branch } from './branch.ts'
import type { Bookkeeping, Continuation, Hypothesis } from './bookkeeping.ts'
import type { SearchTerms } from './plan.ts'

export function createClassicBookkeeping(terms: SearchTerms): Bookkeeping {
  const { numBeams, earlyStopping, lengthPenalty } = terms.options
  const { eos } = terms.vocabulary
  /** In the order they were added. */
  const kept: Hypothesis[] = []
  let done = false

  function add(branch: Branch): void {
    const length = branch.ids.length
    const score = branch.sum / lengthDivisor(length, terms)
    if (kept.length === numBeams && score <= worst(kept).score) return
    const finishReason = endOf(branch.ids[length - 1] ?? eos, length, terms) ?? 'length'
    kept.push({ branch, score, finishReason })
    if (kept.length > numBeams) kept.splice(kept.indexOf(worst(kept)), 1)
  }

  function isSettled(bestSum: number, length: number): boolean {
    if (kept.length < numBeams) return false
    if (earlyStopping === true) return true
    const bestLength = earlyStopping === 'never' && lengthPenalty > 0 ? terms.maxLength : length
    return worst(kept).score >= bestSum / lengthDivisor(bestLength, terms)
  }

  return {
    advance(ranked) {
      const beams: Branch[] = []
      for (const [rank, continuation] of ranked.entries()) {
        if (beams.length === numBeams) break
        if (!isEnd(continuation.token, terms))
          beams.push(extendBranch(continuation.branch, continuation))
        else if (rank < numBeams) add(extendBranch(continuation.branch, continuation))
      }
      const length = lengthAfter(ranked)
      done = isSettled(ranked[0]?.sum ?? -Infinity, length)
      if (!done && length >= terms.maxLength) {
        for (const beam of beams) add(beam)
        done = true
      }
      return beams
    },
    isDone: () => done,
    leader: () => toRanked(kept)[0],
    results: () => toRanked(kept),
  }
}

/** Lowest score; of equals the one added first. */
function worst(hypotheses: readonly Hypothesis[]): Hypothesis {
  return hypotheses.reduce((low, next) => (next.score < low.score ? next : low))
}

/** Best first; of equals the one added last. */
function toRanked(hypotheses: readonly Hypothesis[]): Hypothesis[] {
  return hypotheses.toSorted((a, b) => a.score - b.score).toReversed()
}

function lengthAfter(ranked: readonly Continuation[]): number {
  return (ranked[0]?.branch.ids.length ?? 0) + 1
}
