import { describe, expect, it } from 'vitest'
import {
  captionModel,
  captionOptions,
  tablePlan,
} from '../../../test/support/search-arbitraries.ts'
import { createTableDecoder, tableLogProbs } from '../../../test/support/table-model.ts'
import { extendBranch, rootBranch } from './branch.ts'
import { createFeed } from './feed.ts'
import { toSearchTerms } from './plan.ts'

describe('createFeed', () => {
  it('gives the forced token without asking the decoder', async () => {
    const decoder = createTableDecoder(captionModel())
    const terms = toSearchTerms(tablePlan(captionOptions()))
    const [fork] = await createFeed(decoder, terms)([rootBranch(terms)], 6)
    expect(fork?.next).toEqual([{ token: 0, logProb: 0 }])
    expect(decoder.calls()).toBe(0)
  })

  it('feeds the start token, the forced BOS and a prefix as one chain', async () => {
    const decoder = createTableDecoder(captionModel())
    const terms = toSearchTerms(tablePlan(captionOptions(), [11, 12]))
    const forks = await createFeed(decoder, terms)([rootBranch(terms), rootBranch(terms)], 6)
    expect(decoder.prefixes()).toEqual([[2, 0, 11, 12]])
    expect(forks.map(({ branch }) => branch.row)).toEqual([0, 0])
    expect(forks[0]?.next).toEqual(forks[1]?.next)
  })

  it('continues each branch from the row it grew out of', async () => {
    const model = captionModel()
    const decoder = createTableDecoder(model)
    const terms = toSearchTerms(tablePlan(captionOptions(), [11]))
    const feed = createFeed(decoder, terms)
    const [fork] = await feed([rootBranch(terms)], 6)
    const root = fork?.branch ?? rootBranch(terms)
    const [a, b] = [30, 40].map((token) => extendBranch(root, { token, logProb: -1 }))
    const second = await feed([a ?? root, b ?? root], 6)
    const crossed = second.toReversed().map(({ branch }) => {
      return extendBranch(branch, { token: 50, logProb: -1 })
    })
    const third = await feed(crossed, 6)

    expect(decoder.prefixes()).toEqual(crossed.map(({ ids }) => ids))
    const logProbs = tableLogProbs(model, [2, 0, 11, 40, 50])
    expect(third[0]?.next.map(({ token }) => logProbs[token])).toEqual(
      third[0]?.next.map(({ logProb }) => logProb),
    )
  })

  it('leaves out tokens that would repeat an n-gram and still gives as many as needed', async () => {
    const model = captionModel({ vocab: 20, repeatBonus: 30 })
    const terms = toSearchTerms(tablePlan(captionOptions(), [5, 6, 7, 5, 6]))
    const [fork] = await createFeed(createTableDecoder(model), terms)([rootBranch(terms)], 6)
    expect(fork?.next.map(({ token }) => token)).not.toContain(7)
    expect(fork?.next).toHaveLength(6)
  })

  it('refuses a decoder that gives fewer tokens than asked for', async () => {
    const decoder = createTableDecoder(captionModel())
    const short = {
      ...decoder,
      prime: (tokens: readonly number[], k: number) => decoder.prime(tokens, k - 1),
    }
    const terms = toSearchTerms(tablePlan(captionOptions(), [11]))
    await expect(createFeed(short, terms)([rootBranch(terms)], 6)).rejects.toMatchObject({
      code: 'internal_error',
      message: 'The decoder gave 5 tokens instead of 6.',
    })
  })

  it('stops before the decoder when the signal has been aborted', async () => {
    const decoder = createTableDecoder(captionModel())
    const terms = toSearchTerms(tablePlan(captionOptions(), [11]))
    const feed = createFeed(decoder, terms, AbortSignal.abort())
    await expect(feed([rootBranch(terms)], 6)).rejects.toMatchObject({ code: 'cancelled' })
    expect(decoder.calls()).toBe(0)
  })
})
