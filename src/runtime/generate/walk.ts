// Search without beams: sequences that each choose their next token alone, until they end.
// Greedy search is one such walk; sampling takes several side by side, as rows of one step.
import { endOf, extendBranch, finishBranch, rootBranch } from './branch.ts'
import { createCertainPrefix } from './certain.ts'
import type { Feed } from './feed.ts'
import type { ScoredToken } from './logits.ts'
import type { FoundSequence, SearchHooks, SearchTerms } from './plan.ts'

/** Picks one of the tokens that may follow, which come best first; `walker` counts from 0. */
type Choose = (next: readonly ScoredToken[], walker: number) => ScoredToken

export interface WalkOptions {
  readonly walkers: number
  /** How many of the most probable tokens `choose` wants to see. */
  readonly needed: number
  readonly choose: Choose
}

/** One sequence for each walker, in their order. `onCertain` hears the first walker. */
export async function walk(
  feed: Feed,
  terms: SearchTerms,
  hooks: SearchHooks,
  { walkers, needed, choose }: WalkOptions,
): Promise<FoundSequence[]> {
  const { isComplete } = hooks
  const found: FoundSequence[] = []
  let live = Array.from({ length: walkers }, (_, walker) => ({
    walker,
    branch: rootBranch(terms),
    certain: createCertainPrefix(terms.prompt.length, walker === 0 ? hooks : { isComplete }),
  }))
  live[0]?.certain.narrow([terms.prompt])
  while (live.length > 0) {
    const forks = await feed(
      live.map(({ branch }) => branch),
      needed,
    )
    live = live.flatMap(({ walker, certain }, i) => {
      const fork = forks[i]
      if (fork === undefined) throw new RangeError(`no fork for walker ${walker}`)
      const token = choose(fork.next, walker)
      const branch = extendBranch(fork.branch, token)
      certain.narrow([branch.ids])
      const end = certain.isComplete() ? 'stop_text' : endOf(token.token, branch.ids.length, terms)
      if (end === undefined) return [{ walker, branch, certain }]
      found[walker] = finishBranch(branch, terms, end)
      return []
    })
  }
  return found
}

/** Greedy search: `generate()` with num_beams = 1. */
export function walkGreedily(
  feed: Feed,
  terms: SearchTerms,
  hooks: SearchHooks,
): Promise<FoundSequence[]> {
  return walk(feed, terms, hooks, { walkers: 1, needed: 1, choose: ([best]) => assertToken(best) })
}

/** @throws RangeError when a vocabulary is empty, which no decoder's is */
function assertToken(token: ScoredToken | undefined): ScoredToken {
  if (token === undefined) throw new RangeError('no token may follow')
  return token
}
