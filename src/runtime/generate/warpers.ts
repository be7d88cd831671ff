// The distribution that sampling draws from: TemperatureLogitsWarper, TopKLogitsWarper (50, the
// reference's default) and TopPLogitsWarper of `generate()`, in its order, on the best tokens of
// one row. Log-probabilities serve for the reference's logits: they differ by a constant, which
// softmax does not see.
import { FlocapError } from '../../base/errors.ts'
import type { SamplingOptions } from '../../caption/ports.ts'
import type { ScoredToken } from './logits.ts'

/** `top_k` of the reference where the caller sets none. */
export const TOP_K = 50
/**
 * Tokens exactly as probable as the 50th stay in too, as in the reference; this is how many of them
 * are looked for. In a trained model one is already rare.
 */
const TIES_AFTER_TOP_K = 14
/** How many of the most probable tokens `warp` must be shown. */
export const WARPED_TOKENS = TOP_K + TIES_AFTER_TOP_K

export interface Chance {
  readonly next: ScoredToken
  readonly probability: number
}

/**
 * The tokens that can be drawn and their probabilities, most probable first, summing to 1.
 * @param best at least WARPED_TOKENS of the row, or all there are; most probable first
 */
export function warp(best: readonly ScoredToken[], options: SamplingOptions): Chance[] {
  const temperature = Math.fround(options.temperature)
  const warm = best
    .filter(({ logProb }) => logProb > -Infinity)
    .map((next) => ({ next, logit: Math.fround(next.logProb / temperature) }))
  const least = warm[Math.min(TOP_K, warm.length) - 1]?.logit
  if (least === undefined) {
    throw new FlocapError('internal_error', 'Sampling found every token of the vocabulary banned.')
  }
  const top = softmax(warm.filter(({ logit }) => logit >= least))
  return options.topP < 1 ? keepTopP(top, options.topP) : top
}

function keepTopP(chances: readonly Chance[], topP: number): Chance[] {
  // From the least probable up, of equals the lower id first; the most probable always stays.
  const rising = chances.toSorted(
    (a, b) => a.probability - b.probability || a.next.token - b.next.token,
  )
  const dropped = new Set<Chance>()
  let cumulative = 0
  for (const chance of rising.slice(0, -1)) {
    cumulative += chance.probability
    if (cumulative <= 1 - topP) dropped.add(chance)
  }
  const kept = chances.filter((chance) => !dropped.has(chance))
  const total = kept.reduce((sum, { probability }) => sum + probability, 0)
  return kept.map(({ next, probability }) => ({ next, probability: probability / total }))
}

function softmax(
  warm: readonly { readonly next: ScoredToken; readonly logit: number }[],
): Chance[] {
  const highest = warm[0]?.logit ?? 0
  const weights = warm.map(({ logit }) => Math.exp(logit - highest))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return warm.map(({ next }, i) => ({ next, probability: (weights[i] ?? 0) / total }))
}
