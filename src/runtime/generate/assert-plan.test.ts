import { describe, expect, it } from 'vitest'
import { captionOptions, tablePlan } from '../../../test/support/search-arbitraries.ts'
import { assertSearchPlan } from './assert-plan.ts'
import type { SearchOptions } from './plan.ts'

const sampling = { temperature: 0.7, topP: 0.9, seed: 1 }

describe('assertSearchPlan', () => {
  it.each<[string, Partial<SearchOptions>]>([
    ['numBeams', { numBeams: 2.5 }],
    ['numBeams', { numBeams: 0 }],
    ['maxNewTokens', { maxNewTokens: 0 }],
    ['lengthPenalty', { lengthPenalty: Number.NaN }],
    ['noRepeatNgramSize', { noRepeatNgramSize: 0.5 }],
    ['sequences', { numReturnSequences: 4 }],
    ['temperature', { sampling: { ...sampling, temperature: 0 } }],
    ['temperature', { sampling: { ...sampling, temperature: Infinity } }],
    ['topP', { sampling: { ...sampling, topP: 0 } }],
    ['topP', { sampling: { ...sampling, topP: 1.1 } }],
    ['seed', { sampling: { ...sampling, seed: 0.5 } }],
  ])('stops at %s that no captioner lets through', (name, changes) => {
    const check = (): void => assertSearchPlan(tablePlan(captionOptions(changes)))
    expect(check).toThrow(RangeError)
    expect(check).toThrow(name)
  })

  it('refuses a prefix that fills every position of the decoder', () => {
    const plan = { ...tablePlan(captionOptions(), [5, 6, 7]), maxPositions: 4 }
    expect(() => assertSearchPlan(plan)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        subject: 'prefix',
        message: 'Expected at most 2 tokens for prefix, got 3.',
      }),
    )
    expect(() => assertSearchPlan({ ...plan, maxPositions: 5 })).not.toThrow()
  })

  it('lets sampling return more sequences than there are beams', () => {
    const options = captionOptions({ numBeams: 1, numReturnSequences: 8, sampling })
    expect(() => assertSearchPlan(tablePlan(options))).not.toThrow()
  })
})
