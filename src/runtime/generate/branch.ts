// One line of tokens that a search follows: a beam, a greedy walk or a sample.
import type { FinishReason } from '../../caption/ports.ts'
import type { ScoredToken } from './logits.ts'
import type { FoundSequence, SearchTerms } from './plan.ts'

export interface Branch {
  /** All ids from the start token on. */
  readonly ids: readonly number[]
  /** One for each of `ids` after the start token. */
  readonly logProbs: readonly number[]
  /** `logProbs` added up in float32 in their order, as the reference does. */
  readonly sum: number
  /** Row of the newest decoder step that this branch continues. */
  readonly row: number
}

/** The branch that all others grow from: the given tokens, which cost nothing. */
export function rootBranch(terms: SearchTerms, sum = 0): Branch {
  return { ids: terms.prompt, logProbs: terms.prompt.slice(1).map(() => 0), sum, row: 0 }
}

export function extendBranch(branch: Branch, next: ScoredToken): Branch {
  return {
    ids: [...branch.ids, next.token],
    logProbs: [...branch.logProbs, next.logProb],
    sum: Math.fround(branch.sum + next.logProb),
    row: branch.row,
  }
}

/** Why a sequence of `length` ids that ends with `token` is over; undefined: it goes on. */
export function endOf(token: number, length: number, terms: SearchTerms): FinishReason | undefined {
  const { forcedEos } = terms.vocabulary
  const atLimit = length >= terms.maxLength
  // At the limit an end token is the model's own word only where none is forced.
  if (isEnd(token, terms) && !(atLimit && forcedEos !== null)) return 'stop'
  return atLimit ? 'length' : undefined
}

/** Whether a token ends an answer wherever it comes. */
export function isEnd(token: number, { vocabulary }: SearchTerms): boolean {
  return token === vocabulary.eos || vocabulary.otherEos?.includes(token) === true
}

/** What the score of `length` ids is divided by: generated tokens ** length penalty, a double. */
export function lengthDivisor(length: number, terms: SearchTerms): number {
  return (length - terms.prompt.length) ** terms.options.lengthPenalty
}

/** A branch, or its first `length` ids, as an answer. */
export function finishBranch(
  branch: Branch,
  terms: SearchTerms,
  finishReason: FinishReason,
  length = branch.ids.length,
): FoundSequence {
  const logProbs = branch.logProbs.slice(0, length - 1)
  const sum = logProbs.reduce((total, logProb) => Math.fround(total + logProb), 0)
  return {
    tokens: branch.ids.slice(1, length),
    logProbs,
    score: Math.fround(sum / lengthDivisor(length, terms)),
    finishReason,
  }
}
