import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  captionModel,
  captionOptions,
  searches,
  tablePlan,
} from '../../../test/support/search-arbitraries.ts'
import { createTableDecoder, tableLogProbs } from '../../../test/support/table-model.ts'
import { generate } from './generate.ts'

describe('beam search', () => {
  it('finds from short lists what it finds from the whole vocabulary', async () => {
    await fc.assert(
      fc.asyncProperty(searches, async ({ model, plan }) => {
        const short = await generate(createTableDecoder(model), plan)
        const whole = await generate(createTableDecoder(model, { full: true }), plan)
        expect(short).toEqual(whole)
      }),
      { numRuns: 300 },
    )
  })

  it('asks for two tokens a beam and as many as are banned', async () => {
    const decoder = createTableDecoder(captionModel({ vocab: 1000, repeatBonus: 0 }))
    await generate(decoder, tablePlan(captionOptions({ noRepeatNgramSize: 0 })))
    expect(decoder.widest()).toBe(6)
  })

  it('scores by the model: each log-probability, their sum and the length penalty', async () => {
    await fc.assert(
      fc.asyncProperty(searches, async ({ model, plan }) => {
        // Where nothing is left to choose, the second beam still has the sum that it began with.
        fc.pre(plan.options.maxNewTokens > 2)
        const given = plan.prefix.length === 0 ? 0 : plan.prefix.length + 1
        const limit = given + plan.options.maxNewTokens
        for (const found of await generate(createTableDecoder(model), plan)) {
          const ids = [2, ...found.tokens]
          const logProbs = found.tokens.map((token, i) => {
            const forced =
              i < Math.max(given, 1) || (i === limit - 1 && plan.vocabulary.forcedEos !== null)
            return forced ? 0 : tableLogProbs(model, ids.slice(0, i + 1))[token]
          })
          expect(found.logProbs).toEqual(logProbs)
          const sum = found.logProbs.reduce((total, logProb) => Math.fround(total + logProb), 0)
          const divisor = (found.tokens.length - given) ** plan.options.lengthPenalty
          // One rule divides in float32, the other in float64: at most three roundings apart.
          const error = Math.abs(found.score - sum / divisor)
          expect(error).toBeLessThanOrEqual(3 * 2 ** -24 * Math.abs(sum / divisor))
        }
      }),
    )
  })

  it('gives distinct sequences, best first, none with an n-gram twice', async () => {
    await fc.assert(
      fc.asyncProperty(searches, async ({ model, plan }) => {
        fc.pre(plan.options.maxNewTokens > 3 && plan.options.noRepeatNgramSize > 0)
        const found = await generate(createTableDecoder(model), plan)
        expect(found).toHaveLength(plan.options.numReturnSequences)
        const scores = found.map(({ score }) => score)
        expect(scores).toEqual(scores.toSorted((a, b) => b - a))
        expect(new Set(found.map(({ tokens }) => tokens.join(' '))).size).toBe(found.length)
        for (const { tokens, finishReason } of found) {
          const chosen = finishReason === 'length' ? tokens.slice(0, -1) : tokens
          const added = ngrams([2, ...chosen], plan.options.noRepeatNgramSize)
          const given = ngrams([2, 0, ...plan.prefix], plan.options.noRepeatNgramSize)
          expect(new Set(added).size - new Set(given).size).toBe(added.length - given.length)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('says whether the model or the limit ended an answer', async () => {
    const endless = captionModel({ eosBias: -60, eosSlope: 0 })
    const options = captionOptions({ maxNewTokens: 10 })
    const [cut] = await generate(createTableDecoder(endless), tablePlan(options))
    expect(cut).toMatchObject({ finishReason: 'length' })
    expect(cut?.tokens).toHaveLength(10)
    expect(cut?.tokens.at(-1)).toBe(2)
    const [ended] = await generate(createTableDecoder(captionModel()), tablePlan(captionOptions()))
    expect(ended).toMatchObject({ finishReason: 'stop' })
  })

  it.each([1, 3])(
    'never feeds more tokens than the decoder has positions (%i beams)',
    async (n) => {
      const endless = captionModel({ eosBias: -60, eosSlope: 0 })
      const decoder = createTableDecoder(endless)
      const options = captionOptions({ numBeams: n, maxNewTokens: 1000 })
      const found = await generate(decoder, { ...tablePlan(options), maxPositions: 12 })
      expect(found[0]?.tokens).toHaveLength(12)
      expect(decoder.prefixes()[0]?.length).toBeLessThanOrEqual(12)
      const limited = tablePlan({ ...options, maxNewTokens: 12 })
      expect(found).toEqual(await generate(createTableDecoder(endless), limited))
    },
  )

  it('continues a prefix, which costs and counts nothing', async () => {
    const plan = tablePlan(captionOptions(), [20, 21, 22])
    const [found] = await generate(createTableDecoder(captionModel()), plan)
    expect(found?.tokens.slice(0, 4)).toEqual([0, 20, 21, 22])
    expect(found?.logProbs.slice(0, 4)).toEqual([0, 0, 0, 0])
    const sum = found?.logProbs.reduce((total, logProb) => total + logProb, 0) ?? 0
    expect(found?.score).toBeCloseTo(sum / ((found?.tokens.length ?? 0) - 4), 5)
  })
})

function ngrams(ids: readonly number[], size: number): string[] {
  return ids.flatMap((_, i) => (i + size <= ids.length ? [ids.slice(i, i + size).join(' ')] : []))
}
