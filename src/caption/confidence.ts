// One number for how sure the model was of an answer.
//
// Forced tokens have log-probability 0 and would flatter the mean: the forced `<s>` (and the text of
// a `prefix`) at the start, and the forced `</s>` of an answer that was cut.
import type { Sequence } from './ports.ts'

type Judged = Pick<Sequence, 'logProbs' | 'finishReason'>

/**
 * Geometric mean of the probabilities of the tokens that the model chose itself, 0 to 1. An answer of
 * nothing but forced tokens has confidence 0.
 */
export function toConfidence(sequence: Judged): number {
  const chosen = sequence.logProbs.slice(firstChosen(sequence), lastChosen(sequence))
  if (chosen.length === 0) return 0
  const sum = chosen.reduce((total, logProb) => total + logProb, 0)
  return Math.min(1, Math.exp(sum / chosen.length))
}

/** Index of the first token that the model chose; the length when it chose none. */
export function firstChosen({ logProbs }: Judged): number {
  const first = logProbs.findIndex((logProb) => logProb !== 0)
  return first === -1 ? logProbs.length : first
}

/** Index behind the last token that the model chose. */
export function lastChosen({ logProbs, finishReason }: Judged): number {
  const cut = finishReason === 'length' && logProbs.at(-1) === 0
  return cut ? logProbs.length - 1 : logProbs.length
}
