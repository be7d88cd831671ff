// Sampling: `generate(do_sample=True)`. The distribution is the reference's, the random numbers are
// ours: a seed gives the same answer on every machine, but not the reference's.
import type { SamplingOptions } from '../../caption/ports.ts'
import type { Feed } from './feed.ts'
import type { ScoredToken } from './logits.ts'
import type { FoundSequence, SearchHooks, SearchTerms } from './plan.ts'
import { createRandom, type Random } from './random.ts'
import { walk } from './walk.ts'
import { warp, WARPED_TOKENS, type Chance } from './warpers.ts'

/** `numReturnSequences` independent samples, in the order of their random streams. */
export function sample(
  feed: Feed,
  terms: SearchTerms,
  hooks: SearchHooks,
  sampling: SamplingOptions,
): Promise<FoundSequence[]> {
  const walkers = terms.options.numReturnSequences
  const randoms = Array.from({ length: walkers }, (_, i) => createRandom(sampling.seed, i))
  return walk(feed, terms, hooks, {
    walkers,
    needed: WARPED_TOKENS,
    choose(next, walker) {
      const [only] = next
      const random = randoms[walker]
      if (random === undefined) throw new RangeError(`no random numbers for walker ${walker}`)
      // A forced token is no choice and costs no random number.
      return only !== undefined && next.length === 1 ? only : draw(warp(next, sampling), random)
    },
  })
}

/** The token whose share of [0, 1) a random number falls into. */
export function draw(chances: readonly Chance[], random: Random): ScoredToken {
  const point = random()
  let reached = 0
  for (const { next, probability } of chances) {
    reached += probability
    if (point < reached) return next
  }
  // The shares may add up to a hair less than 1.
  const last = chances.at(-1)
  if (last === undefined) throw new RangeError('nothing to draw from')
  return last.next
}
