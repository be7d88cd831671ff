// One number for how sure the model was of an answer.
import type { Sequence } from './ports.ts'

/**
 * Geometric mean of the probabilities of the tokens that the model chose itself, 0 to 1.
 *
 * Forced tokens have log-probability 0 and would flatter the mean: the forced `<s>` (and the text of
 * a `prefix`) at the start, and the forced `</s>` of an answer that was cut. An answer of nothing
 * but forced tokens has confidence 0.
 */
export function toConfidence({ logProbs, finishReason }: Sequence): number {
  const first = logProbs.findIndex((logProb) => logProb !== 0)
  if (first === -1) return 0
  const cut = finishReason === 'length' && logProbs.at(-1) === 0
  const chosen = logProbs.slice(first, cut ? -1 : undefined)
  const sum = chosen.reduce((total, logProb) => total + logProb, 0)
  return Math.min(1, Math.exp(sum / chosen.length))
}
