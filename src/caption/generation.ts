// How answers are searched for unless a caller says otherwise, and the limits of what it may say.
//
// The defaults are the settings that the original FloCap and Microsoft's own sample ran with. They
// differ from the checkpoints' `early_stopping: true`, and the answers differ with them.
import { FlocapError } from '../base/errors.ts'
import { showValue } from '../base/show-value.ts'
import type { GenerationOptions } from './ports.ts'

export const DEFAULT_GENERATION: GenerationOptions = {
  numBeams: 3,
  maxNewTokens: 1024,
  earlyStopping: false,
  lengthPenalty: 1,
  noRepeatNgramSize: 3,
  stoppingRule: 'classic',
  numReturnSequences: 1,
}

/** Beyond eight beams captions change no more, while memory and time grow with each. */
export const MAX_BEAMS = 8
/** Positions of the decoder in the largest checkpoint. */
export const MAX_NEW_TOKENS = 4096
/** Keeps 1024 ** penalty, the greatest divisor of a score, inside float32. */
export const MAX_LENGTH_PENALTY = 10
/** Longer repeats than this are never seen; 0 turns the ban off. */
export const MAX_NGRAM = 32
/** Hotter than this every token is equally probable. */
export const MAX_TEMPERATURE = 10
/** A prefix is the beginning of a caption, not a document. */
export const MAX_PREFIX_CHARACTERS = 2_000
/** OpenAI allows four stop texts, Ollama any number; role-play programs send one for each name. */
export const MAX_STOP_TEXTS = 64
export const MAX_STOP_CHARACTERS = 256

/**
 * The generation options of one query: `overrides` over `defaults`, members that are undefined left
 * out. Asking for sampling means one beam unless the caller says a number.
 * @throws FlocapError `invalid_request` naming the option that cannot be used, as Hugging Face's
 *   `generate()` and FloCap's HTTP API name it.
 */
export function resolveGeneration(
  defaults: GenerationOptions,
  overrides: Partial<GenerationOptions> = {},
): GenerationOptions {
  const given = Object.fromEntries(
    Object.entries(overrides).filter(([, value]) => value !== undefined),
  ) as Partial<GenerationOptions>
  const beams = given.sampling !== undefined && given.numBeams === undefined ? { numBeams: 1 } : {}
  const generation = { ...defaults, ...given, ...beams }
  assertGeneration(generation)
  return generation
}

function assertGeneration(generation: GenerationOptions): void {
  const { numBeams, sampling, prefix, stop } = generation
  assertInteger('num_beams', numBeams, 1, MAX_BEAMS)
  assertInteger('max_new_tokens', generation.maxNewTokens, 1, MAX_NEW_TOKENS)
  assertInteger('no_repeat_ngram_size', generation.noRepeatNgramSize, 0, MAX_NGRAM)
  assertInteger('num_return_sequences', generation.numReturnSequences, 1, numBeams)
  assertNumber('length_penalty', generation.lengthPenalty, -MAX_LENGTH_PENALTY, MAX_LENGTH_PENALTY)
  assertOneOf('early_stopping', generation.earlyStopping, [true, false, 'never'])
  assertOneOf('stopping_rule', generation.stoppingRule, ['classic', 'vectorised'])
  if (sampling !== undefined) {
    if (numBeams !== 1) throw invalid('num_beams', '1 when sampling', numBeams)
    assertNumber('temperature', sampling.temperature, Number.MIN_VALUE, MAX_TEMPERATURE)
    assertNumber('top_p', sampling.topP, Number.MIN_VALUE, 1)
    assertInteger('seed', sampling.seed, 0, Number.MAX_SAFE_INTEGER)
  }
  if (prefix !== undefined) assertText('prefix', prefix, 0, MAX_PREFIX_CHARACTERS)
  if (stop !== undefined) {
    if (!Array.isArray(stop) || stop.length > MAX_STOP_TEXTS) {
      throw invalid('stop', `at most ${MAX_STOP_TEXTS} texts`, stop)
    }
    for (const text of stop) assertText('stop', text, 1, MAX_STOP_CHARACTERS)
  }
}

function assertInteger(name: string, value: unknown, least: number, most: number): void {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return
  throw invalid(name, `a whole number from ${least} to ${most}`, value)
}

function assertNumber(name: string, value: unknown, least: number, most: number): void {
  if (typeof value === 'number' && value >= least && value <= most) return
  const range =
    least === Number.MIN_VALUE ? `above 0 and at most ${most}` : `from ${least} to ${most}`
  throw invalid(name, `a number ${range}`, value)
}

function assertOneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return
  throw invalid(name, `one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}`, value)
}

function assertText(name: string, value: unknown, least: number, most: number): void {
  if (typeof value === 'string' && value.length >= least && value.length <= most) return
  throw invalid(name, `text of ${least} to ${most} characters`, value)
}

function invalid(name: string, expected: string, value: unknown): FlocapError {
  const got = showValue(value)
  return new FlocapError('invalid_request', `Expected ${expected} for ${name}, got ${got}.`, {
    subject: name,
  })
}
