// The logits processors of `generate()`, in its order, on the k most probable tokens of a row.
//
// 1. no-repeat-ngram: a token that would complete an n-gram a second time has log-probability -inf
// 2. forced BOS: the only token when the decoder has read nothing but the start token
// 3. forced EOS: the only token when one more would reach the maximal length; it beats 2
//
// Nothing is renormalised afterwards. `forcedToken` answers 2 and 3, and where it names a token the
// ban has no say and no decoder step is needed.
//
// Why a list of k tokens is enough. Let a search need the best n tokens of each row (2 * beams for
// beam search, 1 for greedy search). If b tokens of a row are banned, its n + b most probable tokens
// hold at least n that are not banned, and by the order of the list these are the n best of all that
// are not. A token beyond the list is no more probable than any of these n and ranks behind each of
// them, here and after the beam's score is added: float32 addition keeps order, and where it makes
// two sums equal the search ranks by list position. So n continuations of the same row come before
// it, and it cannot be among the n best of all rows. Banned tokens are wanted only where fewer than
// n others exist; then the list is the whole vocabulary.
import type { StepResult } from './decoder.ts'
import type { SearchTerms } from './plan.ts'

export interface ScoredToken {
  readonly token: number
  /** float32; -Infinity for a banned token. */
  readonly logProb: number
}

/** The one token that may follow `length` ids, the start token counted; undefined: any. */
export function forcedToken(length: number, terms: SearchTerms): number | undefined {
  const { forcedBos, forcedEos } = terms.vocabulary
  if (forcedEos !== null && length === terms.maxLength - 1) return forcedEos
  if (forcedBos !== null && length === 1) return forcedBos
  return undefined
}

/**
 * Tokens that would repeat an n-gram of `ids` (start token included), each once, ascending.
 * Size 0 bans nothing.
 */
export function bannedTokens(ids: readonly number[], ngramSize: number): readonly number[] {
  if (ngramSize === 0) return []
  const context = ngramSize - 1
  const suffix = ids.length - context
  const banned = new Set<number>()
  for (let start = 0; start < suffix; start += 1) {
    let matches = true
    for (let i = 0; i < context && matches; i += 1) matches = ids[start + i] === ids[suffix + i]
    const follower = ids[start + context]
    if (matches && follower !== undefined) banned.add(follower)
  }
  return [...banned].toSorted((a, b) => a - b)
}

/** How many tokens to ask the decoder for, so that `needed` of each row are sure not to be banned. */
export function listLength(
  banned: readonly (readonly number[])[],
  needed: number,
  vocabularySize: number,
): number {
  const most = Math.max(...banned.map((tokens) => tokens.length))
  return Math.min(needed + most, vocabularySize)
}

/**
 * The best `needed` tokens of a row, banned ones last (-Infinity, by id) and only if there are not
 * enough others. Needs a list of `listLength` or more.
 */
export function bestTokens(
  result: StepResult,
  row: number,
  banned: readonly number[],
  needed: number,
): ScoredToken[] {
  const best: ScoredToken[] = []
  const forbidden = new Set(banned)
  for (let i = row * result.k; i < (row + 1) * result.k && best.length < needed; i += 1) {
    const token = result.ids[i]
    const logProb = result.logProbs[i]
    if (token === undefined || logProb === undefined) throw new RangeError(`no row ${row}`)
    if (!forbidden.has(token)) best.push({ token, logProb })
  }
  for (const token of banned) {
    if (best.length === needed) break
    best.push({ token, logProb: -Infinity })
  }
  return best
}
