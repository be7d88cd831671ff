import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  captionModel,
  captionOptions,
  searches,
  tablePlan,
} from '../../../test/support/search-arbitraries.ts'
import {
  createTableDecoder,
  tableLogProbs,
  type TableModel,
} from '../../../test/support/table-model.ts'
import { generate, type SearchPlan } from './generate.ts'

/** Greedy search as its definition says it: the whole row, the ban by looking, the first maximum. */
function argmaxWalk(model: TableModel, plan: SearchPlan): number[] {
  const { options, vocabulary, prefix } = plan
  const ids = prefix.length === 0 ? [2] : [2, 0, ...prefix]
  const limit = ids.length + options.maxNewTokens
  while (ids.length < limit) {
    let token = ids.length === 1 ? 0 : argmax(model, ids, options.noRepeatNgramSize)
    if (ids.length === limit - 1 && vocabulary.forcedEos !== null) token = vocabulary.forcedEos
    ids.push(token)
    if (token === vocabulary.eos) break
  }
  return ids.slice(1)
}

function argmax(model: TableModel, ids: readonly number[], size: number): number {
  const row = tableLogProbs(model, ids)
  let best = 0
  let bestLogProb = -Infinity
  for (const [token, logProb] of row.entries()) {
    const gram = [...ids, token].slice(-size).join(' ')
    const repeats =
      size > 0 &&
      ids.some((_, i) => i + size <= ids.length && gram === ids.slice(i, i + size).join(' '))
    if (repeats || logProb <= bestLogProb) continue
    best = token
    bestLogProb = logProb
  }
  return best
}

describe('greedy search', () => {
  it('is the walk along the most probable tokens that are allowed', async () => {
    await fc.assert(
      fc.asyncProperty(searches, async ({ model, plan }) => {
        const greedy = { ...plan, options: { ...plan.options, numBeams: 1, numReturnSequences: 1 } }
        const found = await generate(createTableDecoder(model), greedy)
        expect(found.map(({ tokens }) => tokens)).toEqual([argmaxWalk(model, greedy)])
      }),
      { numRuns: 200 },
    )
  })

  it('asks the decoder for no more than one token that may follow', async () => {
    const decoder = createTableDecoder(captionModel({ repeatBonus: 0 }))
    const options = captionOptions({ numBeams: 1, noRepeatNgramSize: 0 })
    await generate(decoder, tablePlan(options))
    expect(decoder.widest()).toBe(1)
  })
})
