// The distribution that sampling draws from against generate(do_sample=True)'s own.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rootBranch } from '../../src/runtime/generate/branch.ts'
import { createFeed } from '../../src/runtime/generate/feed.ts'
import { toSearchTerms } from '../../src/runtime/generate/plan.ts'
import { TOP_K, warp, WARPED_TOKENS } from '../../src/runtime/generate/warpers.ts'
import { captionOptions, tablePlan } from '../support/search-arbitraries.ts'
import { createTableDecoder, type TableModel } from '../support/table-model.ts'
import { PROBABILITY_TOLERANCE } from '../support/tolerances.ts'

interface SamplingRow {
  readonly model: number
  readonly prompt: readonly number[]
  readonly temperature: number
  readonly topP: number
  /** All tokens that can be drawn, most probable first. */
  readonly tokens: readonly number[]
  readonly probabilities: readonly number[]
}

const { models }: { models: TableModel[] } = readFixture('search.json')
const { topK, rows }: { topK: number; rows: SamplingRow[] } = readFixture('sampling.json')

function readFixture(name: string) {
  const url = new URL(`../fixtures/search/${name}`, import.meta.url)
  return JSON.parse(readFileSync(url, 'utf8'))
}

describe('the sampling distribution', () => {
  it.each(rows.map((row, i) => ({ ...row, i })))(
    'equals the reference: row $i, temperature $temperature, topP $topP',
    async ({ model, prompt, temperature, topP, tokens, probabilities }) => {
      const table = models[model]
      if (table === undefined) throw new Error(`no model ${model}`)
      const [, , ...prefix] = prompt
      const terms = toSearchTerms(tablePlan(captionOptions({ numBeams: 1 }), prefix))
      const feed = createFeed(createTableDecoder(table), terms)
      const [fork] = await feed([rootBranch(terms)], WARPED_TOKENS)
      const chances = warp(fork?.next ?? [], { temperature, topP, seed: 0 })

      expect(chances.map(({ next }) => next.token)).toEqual(tokens)
      for (const [i, { probability }] of chances.entries()) {
        expect(Math.abs(probability - (probabilities[i] ?? 0))).toBeLessThan(PROBABILITY_TOLERANCE)
      }
    },
  )

  it('uses the top-k that the reference has by default', () => {
    expect(TOP_K).toBe(topK)
  })
})
