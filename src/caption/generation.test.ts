import { describe, expect, it } from 'vitest'
import { DEFAULT_GENERATION, MAX_STOP_TEXTS, resolveGeneration } from './generation.ts'
import type { GenerationOptions } from './ports.ts'

describe('resolveGeneration', () => {
  it('starts from the settings of the original program', () => {
    expect(resolveGeneration(DEFAULT_GENERATION)).toEqual({
      numBeams: 3,
      maxNewTokens: 1024,
      earlyStopping: false,
      lengthPenalty: 1,
      noRepeatNgramSize: 3,
      stoppingRule: 'classic',
      numReturnSequences: 1,
    })
  })

  it('lays overrides over the defaults', () => {
    const generation = resolveGeneration(DEFAULT_GENERATION, { numBeams: 5, stop: ['\n'] })
    expect(generation).toEqual({ ...DEFAULT_GENERATION, numBeams: 5, stop: ['\n'] })
  })

  it('takes an undefined member for one that is not given', () => {
    const overrides: object = { numBeams: undefined }
    expect(resolveGeneration(DEFAULT_GENERATION, overrides).numBeams).toBe(3)
  })

  it('searches with one beam when sampling', () => {
    const sampling = { temperature: 0.7, topP: 0.9, seed: 1 }
    expect(resolveGeneration(DEFAULT_GENERATION, { sampling }).numBeams).toBe(1)
    expect(() => resolveGeneration(DEFAULT_GENERATION, { sampling, numBeams: 3 })).toThrow(
      'Expected 1 when sampling for num_beams, got 3.',
    )
  })

  it.each<[string, Partial<GenerationOptions>]>([
    ['num_beams', { numBeams: 0 }],
    ['num_beams', { numBeams: 9 }],
    ['num_beams', { numBeams: 2.5 }],
    ['max_new_tokens', { maxNewTokens: 0 }],
    ['max_new_tokens', { maxNewTokens: 4097 }],
    ['max_new_tokens', { maxNewTokens: Number.NaN }],
    ['no_repeat_ngram_size', { noRepeatNgramSize: -1 }],
    ['num_return_sequences', { numReturnSequences: 4 }],
    ['length_penalty', { lengthPenalty: Number.POSITIVE_INFINITY }],
    // More than the search takes: refused before the picture is encoded for nothing.
    ['length_penalty', { lengthPenalty: 10.5 }],
    ['temperature', { sampling: { temperature: 0, topP: 1, seed: 0 } }],
    ['top_p', { sampling: { temperature: 1, topP: 1.1, seed: 0 } }],
    ['seed', { sampling: { temperature: 1, topP: 1, seed: -1 } }],
    ['prefix', { prefix: 'a'.repeat(2001) }],
    ['stop', { stop: [''] }],
    ['stop', { stop: Array.from({ length: MAX_STOP_TEXTS + 1 }, () => 'a') }],
  ])('refuses a wrong %s', (subject, overrides) => {
    const resolve = (): unknown => resolveGeneration(DEFAULT_GENERATION, overrides)
    expect(resolve).toThrow(expect.objectContaining({ code: 'invalid_request', subject }))
  })

  it('says what was expected and what came', () => {
    expect(() => resolveGeneration(DEFAULT_GENERATION, { numBeams: 12 })).toThrow(
      'Expected a whole number from 1 to 8 for num_beams, got 12.',
    )
  })
})
