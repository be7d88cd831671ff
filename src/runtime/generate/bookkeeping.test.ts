import { describe, expect, it } from 'vitest'
import { captionOptions, tablePlan } from '../../../test/support/search-arbitraries.ts'
import { EXCLUDED, rankContinuations, type Bookkeeping, type Continuation } from './bookkeeping.ts'
import { rootBranch, type Branch } from './branch.ts'
import { createClassicBookkeeping } from './classic.ts'
import { toSearchTerms, type SearchOptions } from './plan.ts'
import { createVectorisedBookkeeping } from './vectorised.ts'

const EOS = 2
const RULES = { classic: createClassicBookkeeping, vectorised: createVectorisedBookkeeping }

/** Two beams and at most ten tokens, without a forced end. */
function terms(changes: Partial<SearchOptions> = {}) {
  const options = captionOptions({ numBeams: 2, maxNewTokens: 10, ...changes })
  return toSearchTerms(tablePlan(options, [], null))
}

/** A beam of `length` generated tokens. */
function beam(length: number, sum: number, token = 9): Branch {
  const logProbs = Array.from({ length }, (_, i) => (i === 0 ? sum : 0))
  return { ids: [2, ...logProbs.map(() => token)], logProbs, sum, row: 0 }
}

/** Continuations in their order, each from a beam of `length` tokens: token and sum. */
function ranked(length: number, ...pairs: [token: number, sum: number][]): Continuation[] {
  return pairs.map(([token, sum]) => ({ branch: beam(length, sum), token, logProb: 0, sum }))
}

function scores(books: Bookkeeping): number[] {
  return books.results().map(({ score }) => score)
}

describe('rankContinuations', () => {
  it('ranks the continuations of all beams together', () => {
    const forks = [
      { branch: beam(1, -1), next: [5, 6].map((token, i) => ({ token, logProb: -i - 1 })) },
      { branch: beam(1, -1.5), next: [7, 8].map((token, i) => ({ token, logProb: -i - 1 })) },
    ]
    const best = rankContinuations(forks, 3)
    expect(best.map(({ token, sum }) => [token, sum])).toEqual([
      [5, -2],
      [7, -2.5],
      [6, -3],
    ])
  })

  it('puts the higher beam first where sums are equal, and keeps the order of its list', () => {
    const forks = [
      { branch: beam(1, -2), next: [8, 5].map((token) => ({ token, logProb: -1 })) },
      { branch: beam(1, -1), next: [6, 3].map((token) => ({ token, logProb: -2 })) },
    ]
    expect(rankContinuations(forks, 4).map(({ token }) => token)).toEqual([8, 5, 6, 3])
  })

  it('adds in float32', () => {
    const forks = [{ branch: beam(1, Math.fround(-1e8)), next: [{ token: 5, logProb: -1 }] }]
    expect(rankContinuations(forks, 1)[0]?.sum).toBe(-1e8)
  })

  it('takes all from one of the equal beams that a search begins with', () => {
    const next = [5, 6, 7, 8].map((token) => ({ token, logProb: -token }))
    const forks = [0, EXCLUDED].map((sum) => ({ branch: rootBranch(terms(), sum), next }))
    expect(rankContinuations(forks, 4).map(({ sum }) => sum)).toEqual([-5, -6, -7, -8])
  })
})

describe.each(['classic', 'vectorised'] as const)('%s bookkeeping', (rule) => {
  const create = RULES[rule]

  it('keeps an ended continuation among the best B and drops one below', () => {
    const books = create(terms())
    const beams = books.advance(ranked(1, [EOS, -1], [5, -2], [EOS, -3], [6, -4]))
    expect(beams.map(({ ids }) => ids.at(-1))).toEqual([5, 6])
    expect(scores(books)).toEqual([-0.5])
    expect(books.leader()?.branch.ids).toEqual([2, 9, EOS])
  })

  it('stops at B hypotheses when early stopping is on', () => {
    const books = create(terms({ earlyStopping: true }))
    books.advance(ranked(1, [EOS, -5], [5, -6], [6, -7], [7, -8]))
    expect(books.isDone()).toBe(false)
    books.advance(ranked(2, [EOS, -6], [5, -6.1], [6, -7], [7, -8]))
    expect(books.isDone()).toBe(true)
  })

  it('goes on while the best beam could beat the worst hypothesis at its own length', () => {
    const books = create(terms())
    books.advance(ranked(1, [EOS, -8], [5, -8.5], [6, -9], [7, -9]))
    books.advance(ranked(2, [5, -8.5], [EOS, -9], [6, -9], [7, -9]))
    expect(books.isDone()).toBe(false)
    books.advance(ranked(3, [5, -17], [6, -17.5], [7, -18], [8, -18]))
    expect(books.isDone()).toBe(true)
    expect(scores(books)).toEqual([-3, -4])
  })

  it('goes on under "never" while a beam could win by growing to the limit', () => {
    const books = create(terms({ earlyStopping: 'never' }))
    books.advance(ranked(1, [EOS, -8], [5, -8.5], [6, -9], [7, -9]))
    books.advance(ranked(2, [5, -8.5], [EOS, -9], [6, -9], [7, -9]))
    books.advance(ranked(3, [5, -17], [6, -17.5], [7, -18], [8, -18]))
    // -17 / 10 could still beat -4, -41 / 10 could not.
    expect(books.isDone()).toBe(false)
    books.advance(ranked(4, [5, -41], [6, -41.5], [7, -42], [8, -42]))
    expect(books.isDone()).toBe(true)
  })

  it('counts open beams as hypotheses at the length limit', () => {
    const books = create(terms({ maxNewTokens: 2 }))
    books.advance(ranked(1, [5, -1], [6, -2], [7, -3], [8, -4]))
    expect(books.isDone()).toBe(true)
    const results = books.results()
    expect(results.map(({ branch }) => branch.ids)).toEqual([
      [2, 9, 5],
      [2, 9, 6],
    ])
    expect(results.map(({ finishReason }) => finishReason)).toEqual(['length', 'length'])
  })

  it('keeps the better hypotheses when there are more than B', () => {
    const books = create(terms({ lengthPenalty: 0 }))
    books.advance(ranked(1, [EOS, -3], [5, -3.5], [6, -4], [7, -5]))
    books.advance(ranked(2, [EOS, -4], [5, -4.5], [6, -5], [7, -6]))
    books.advance(ranked(3, [EOS, -2], [5, -4.5], [6, -5], [7, -6]))
    expect(scores(books)).toEqual([-2, -3])
  })

  it.each([
    [2, -1 / 9],
    [0.5, -1 / Math.sqrt(3)],
    [0, -1],
    [-1, -3],
  ])('divides by length to the power of the penalty %f', (lengthPenalty, score) => {
    const books = create(terms({ lengthPenalty }))
    books.advance(ranked(2, [EOS, -1], [5, -2], [6, -3], [7, -4]))
    expect(scores(books)).toEqual([expect.closeTo(score, 6)])
  })
})

describe('where the two differ', () => {
  it('the later of two equal scores is better in the classic one, the earlier in the other', () => {
    const tokens = (['classic', 'vectorised'] as const).map((rule) => {
      const books = RULES[rule](terms({ lengthPenalty: 0 }))
      books.advance(ranked(1, [EOS, -3], [5, -3], [6, -4], [7, -5]))
      books.advance(ranked(2, [EOS, -3], [5, -3], [6, -4], [7, -5]))
      return books.leader()?.branch.ids.length
    })
    expect(tokens).toEqual([4, 3])
  })

  it('of equal worst scores the classic one drops the earlier, the other the later', () => {
    const lengths = (['classic', 'vectorised'] as const).map((rule) => {
      const books = RULES[rule](terms({ lengthPenalty: 0 }))
      books.advance(ranked(1, [EOS, -3], [5, -3], [6, -4], [7, -5]))
      books.advance(ranked(2, [EOS, -3], [5, -3], [6, -4], [7, -5]))
      books.advance(ranked(3, [EOS, -2], [5, -3], [6, -4], [7, -5]))
      return books.results().map(({ branch }) => branch.ids.length)
    })
    expect(lengths).toEqual([
      [5, 4],
      [5, 3],
    ])
  })

  it('the classic one hopes for the best continuation though it has ended', () => {
    const done = (['classic', 'vectorised'] as const).map((rule) => {
      const books = RULES[rule](terms())
      books.advance(ranked(1, [EOS, -8], [5, -9], [6, -9], [7, -9]))
      // Ended: -9 / 3 = -3, better than the worst (-4). Still running: -13 / 3, worse.
      books.advance(ranked(2, [EOS, -9], [5, -13], [6, -14], [7, -14]))
      return books.isDone()
    })
    expect(done).toEqual([false, true])
  })

  it('at the limit the classic one forgets open beams once it is done, the other takes the best', () => {
    const found = (['classic', 'vectorised'] as const).map((rule) => {
      const books = RULES[rule](terms({ maxNewTokens: 3, earlyStopping: true }))
      books.advance(ranked(1, [EOS, -8], [5, -9], [6, -9], [7, -9]))
      books.advance(ranked(2, [5, -9], [EOS, -9.5], [6, -10], [7, -11]))
      return books.results().map(({ branch }) => branch.ids.at(-1))
    })
    expect(found).toEqual([
      [EOS, EOS],
      [5, EOS],
    ])
  })
})
