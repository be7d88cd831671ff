// Refuses a search that cannot be carried out, naming the option, its range and what came.
import { FlocapError } from '../../base/errors.ts'
import { MAX_BEAMS, MAX_LENGTH_PENALTY } from '../../caption/generation.ts'
import { type SearchPlan, toSearchTerms } from './plan.ts'

/** Far beyond any use; only guards against numbers that are no temperature. */
const MAX_TEMPERATURE = 100

/** @throws FlocapError `invalid_request` whose subject is the option at fault. */
export function assertSearchPlan(plan: SearchPlan): void {
  const { options } = plan
  const { sampling } = options
  requireWhole('maxNewTokens', options.maxNewTokens, 1, Number.MAX_SAFE_INTEGER)
  requireWhole('numBeams', options.numBeams, 1, MAX_BEAMS)
  requireWhole('noRepeatNgramSize', options.noRepeatNgramSize, 0, Number.MAX_SAFE_INTEGER)
  requireNumber('lengthPenalty', options.lengthPenalty, -MAX_LENGTH_PENALTY, MAX_LENGTH_PENALTY)
  requireOneOf('earlyStopping', options.earlyStopping, [true, false, 'never'])
  requireOneOf('stoppingRule', options.stoppingRule, ['classic', 'vectorised'])
  if (sampling === undefined) {
    requireWhole('numReturnSequences', options.numReturnSequences, 1, options.numBeams)
  } else {
    requireWhole('numReturnSequences', options.numReturnSequences, 1, MAX_BEAMS)
    requireNumber('temperature', sampling.temperature, 0, MAX_TEMPERATURE)
    if (sampling.temperature === 0) {
      refuse('temperature', 'above 0', 0, 'Leave sampling out: greedy search is temperature 0.')
    }
    requireNumber('topP', sampling.topP, 0, 1)
    requireWhole('seed', sampling.seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  }
  requirePromptFits(plan)
}

function requirePromptFits(plan: SearchPlan): void {
  const { prompt } = toSearchTerms(plan)
  if (prompt.length <= plan.maxPositions) return
  const room = plan.maxPositions - (prompt.length - plan.prefix.length)
  refuse('prefix', `at most ${room} tokens`, plan.prefix.length, 'Shorten the prefix.')
}

function requireWhole(option: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return
  refuse(option, `a whole number ${range(least, most)}`, value)
}

function requireNumber(option: string, value: number, least: number, most: number): void {
  // A comparison with NaN is false.
  if (typeof value === 'number' && value >= least && value <= most) return
  refuse(option, `a number ${range(least, most)}`, value)
}

function requireOneOf(option: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return
  refuse(option, `one of ${allowed.map((entry) => JSON.stringify(entry)).join(', ')}`, value)
}

function range(least: number, most: number): string {
  const open = most === Number.MAX_SAFE_INTEGER && least >= 0
  return open ? `of at least ${least}` : `from ${least} to ${most}`
}

function refuse(option: string, expected: string, came: unknown, hint?: string): never {
  throw new FlocapError(
    'invalid_request',
    `${option} must be ${expected}, but ${show(came)} came.`,
    {
      subject: option,
      ...(hint === undefined ? {} : { hint }),
    },
  )
}

function show(value: unknown): string {
  return typeof value === 'number' || value === undefined ? String(value) : JSON.stringify(value)
}
