// Refuses a search that cannot be carried out.
//
// The captioner has checked the options and named them as its caller does. Left to refuse here is
// what only tokens tell; everything else would be a fault of FloCap.
import { FlocapError } from '../../base/errors.ts'
import { type SearchPlan, toSearchTerms } from './plan.ts'

/**
 * @throws FlocapError `invalid_request` for a prefix that leaves the decoder no position.
 * @throws RangeError for options that the captioner should not have let through.
 */
export function assertSearchPlan(plan: SearchPlan): void {
  const { options } = plan
  const { sampling } = options
  assert(isCount(options.maxNewTokens), 'maxNewTokens is at least 1')
  assert(isCount(options.numBeams), 'numBeams is at least 1')
  assert(Number.isSafeInteger(options.noRepeatNgramSize), 'noRepeatNgramSize is a whole number')
  assert(Number.isFinite(options.lengthPenalty), 'lengthPenalty is a number')
  assert(isCount(options.numReturnSequences), 'numReturnSequences is at least 1')
  if (sampling === undefined) {
    assert(options.numReturnSequences <= options.numBeams, 'no more sequences than beams')
  } else {
    const { temperature, topP, seed } = sampling
    assert(temperature > 0 && Number.isFinite(temperature), 'temperature is above 0')
    assert(topP > 0 && topP <= 1, 'topP is above 0 and at most 1')
    assert(Number.isSafeInteger(seed), 'seed is a whole number')
  }
  assertPrefixFits(plan)
}

function assertPrefixFits(plan: SearchPlan): void {
  const { prompt } = toSearchTerms(plan)
  if (prompt.length <= plan.maxPositions) return
  const room = plan.maxPositions - (prompt.length - plan.prefix.length)
  throw new FlocapError(
    'invalid_request',
    `Expected at most ${room} tokens for prefix, got ${plan.prefix.length}.`,
    { subject: 'prefix', hint: 'Shorten the prefix.' },
  )
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1
}

function assert(holds: boolean, invariant: string): void {
  if (!holds) throw new RangeError(`A search plan keeps to this: ${invariant}.`)
}
