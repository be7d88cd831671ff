import { describe, expect, it } from 'vitest'
import { captionOptions, tablePlan } from '../../../test/support/search-arbitraries.ts'
import { FlocapError } from '../../base/errors.ts'
import { assertSearchPlan } from './assert-plan.ts'
import type { SearchOptions, SearchPlan } from './plan.ts'

const sampling = { temperature: 0.7, topP: 0.9, seed: 1 }

function refusal(plan: SearchPlan): FlocapError {
  try {
    assertSearchPlan(plan)
  } catch (error) {
    if (error instanceof FlocapError) return error
    throw error
  }
  throw new Error('the plan was not refused')
}

describe('assertSearchPlan', () => {
  it.each<[string, Partial<SearchOptions>, string]>([
    ['numBeams', { numBeams: 9 }, 'numBeams must be a whole number from 1 to 8, but 9 came.'],
    ['numBeams', { numBeams: 2.5 }, 'numBeams must be a whole number from 1 to 8, but 2.5 came.'],
    [
      'maxNewTokens',
      { maxNewTokens: 0 },
      'maxNewTokens must be a whole number of at least 1, but 0 came.',
    ],
    [
      'lengthPenalty',
      { lengthPenalty: Number.NaN },
      'lengthPenalty must be a number from -10 to 10, but NaN came.',
    ],
    [
      'noRepeatNgramSize',
      { noRepeatNgramSize: -1 },
      'noRepeatNgramSize must be a whole number of at least 0, but -1 came.',
    ],
    [
      'numReturnSequences',
      { numReturnSequences: 4 },
      'numReturnSequences must be a whole number from 1 to 3, but 4 came.',
    ],
    [
      'temperature',
      { sampling: { ...sampling, temperature: 0 } },
      'temperature must be above 0, but 0 came.',
    ],
    [
      'temperature',
      { sampling: { ...sampling, temperature: Infinity } },
      'temperature must be a number from 0 to 100, but Infinity came.',
    ],
    [
      'topP',
      { sampling: { ...sampling, topP: 1.1 } },
      'topP must be a number from 0 to 1, but 1.1 came.',
    ],
    [
      'seed',
      { sampling: { ...sampling, seed: 0.5 } },
      'seed must be a whole number from -9007199254740991 to 9007199254740991, but 0.5 came.',
    ],
  ])('refuses %s out of range and says what came', (subject, changes, message) => {
    const error = refusal(tablePlan(captionOptions(changes)))
    expect(error).toMatchObject({ code: 'invalid_request', subject, message })
  })

  it('refuses words that are no setting', () => {
    // As they come from a caller without types.
    const options: SearchOptions = JSON.parse(
      JSON.stringify({ ...captionOptions(), earlyStopping: 'sometimes' }),
    )
    expect(refusal(tablePlan(options)).message).toBe(
      'earlyStopping must be one of true, false, "never", but "sometimes" came.',
    )
  })

  it('refuses a prefix that fills every position of the decoder', () => {
    const plan = { ...tablePlan(captionOptions(), [5, 6, 7]), maxPositions: 4 }
    expect(refusal(plan).message).toBe('prefix must be at most 2 tokens, but 3 came.')
    expect(() => assertSearchPlan({ ...plan, maxPositions: 5 })).not.toThrow()
  })

  it('lets sampling return more sequences than there are beams', () => {
    const options = captionOptions({ numBeams: 1, numReturnSequences: 8, sampling })
    expect(() => assertSearchPlan(tablePlan(options))).not.toThrow()
  })
})
