// The door to the search: from a decoder and a plan to the answer's tokens, as Hugging Face
// `generate()` finds them. It gives way to other work only where it awaits the decoder.
import { assertSearchPlan } from './assert-plan.ts'
import { searchBeams } from './beam.ts'
import type { StepDecoder } from './decoder.ts'
import { createFeed } from './feed.ts'
import { toSearchTerms, type FoundSequence, type SearchHooks, type SearchPlan } from './plan.ts'
import { sample } from './sampling.ts'
import { walkGreedily } from './walk.ts'

export type { FoundSequence, SearchHooks, SearchOptions, SearchPlan } from './plan.ts'

/**
 * The sequences found, best first; samples in the order drawn. `numReturnSequences` of them.
 * @param decoder fresh: it has been fed nothing
 * @throws FlocapError `invalid_request` for an option out of range, `cancelled` when aborted
 */
export async function generate(
  decoder: StepDecoder,
  plan: SearchPlan,
  hooks: SearchHooks = {},
): Promise<FoundSequence[]> {
  assertSearchPlan(plan)
  const terms = toSearchTerms(plan)
  const feed = createFeed(decoder, terms, hooks.signal)
  const { sampling, numBeams } = terms.options
  if (sampling !== undefined) return sample(feed, terms, hooks, sampling)
  if (numBeams === 1) return walkGreedily(feed, terms, hooks)
  return searchBeams(feed, terms, hooks)
}
