// Beam search: the loop of `generate()` with num_beams > 1, for one query.
//
// Each step ranks the continuations of all beams together; a bookkeeping turns the best 2B of them, more
// where several tokens end an answer, into finished hypotheses and the next B beams, and says when to
// stop.
import { FlocapError } from '../../base/errors.ts'
import { EXCLUDED, rankContinuations, type Hypothesis } from './bookkeeping.ts'
import { finishBranch, rootBranch } from './branch.ts'
import { createCertainPrefix } from './certain.ts'
import { createClassicBookkeeping } from './classic.ts'
import type { Feed } from './feed.ts'
import type { FoundSequence, SearchHooks, SearchTerms } from './plan.ts'
import { createVectorisedBookkeeping } from './vectorised.ts'

const BOOKKEEPINGS = {
  classic: createClassicBookkeeping,
  vectorised: createVectorisedBookkeeping,
}

/**
 * The best `numReturnSequences` sequences, best first. When one is wanted, `isComplete` ends the
 * search as soon as it holds of what is certain; when several are, each is cut after a full search.
 */
export async function searchBeams(
  feed: Feed,
  terms: SearchTerms,
  hooks: SearchHooks,
): Promise<FoundSequence[]> {
  const { numBeams, numReturnSequences, stoppingRule } = terms.options
  const { isComplete } = hooks
  // So many that enough remain when each beam ends with every token that ends answers.
  const ends = 1 + (terms.vocabulary.otherEos?.length ?? 0)
  const ranked = (1 + ends) * numBeams
  const books = BOOKKEEPINGS[stoppingRule](terms)
  const certain = createCertainPrefix(terms.prompt.length, hooks)
  let beams = Array.from({ length: numBeams }, (_, i) => rootBranch(terms, i === 0 ? 0 : EXCLUDED))
  certain.narrow([terms.prompt])
  while (!books.isDone()) {
    const forks = await feed(beams, ranked)
    beams = books.advance(rankContinuations(forks, ranked))
    const leader = books.leader()
    const open = leader === undefined ? beams : [leader.branch, ...beams]
    certain.narrow(open.map(({ ids }) => ids))
    const [any] = open
    if (any !== undefined && certain.isComplete() && numReturnSequences === 1) {
      return [finishBranch(any, terms, 'stop_text', certain.length())]
    }
  }
  const found = books.results().slice(0, numReturnSequences)
  if (found.length === 0) {
    throw new FlocapError('internal_error', 'Beam search ran out of tokens before any beam ended.')
  }
  return found.map((hypothesis, i) => {
    const kept = i === 0 ? certain : createCertainPrefix(terms.prompt.length, { isComplete })
    kept.narrow([hypothesis.branch.ids])
    return kept.isComplete()
      ? finishBranch(hypothesis.branch, terms, 'stop_text', kept.length())
      : toFoundSequence(hypothesis)
  })
}

function toFoundSequence({ branch, score, finishReason }: Hypothesis): FoundSequence {
  return {
    tokens: branch.ids.slice(1),
    logProbs: branch.logProbs,
    score: Math.fround(score),
    finishReason,
  }
}
