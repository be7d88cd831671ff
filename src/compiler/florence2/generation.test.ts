import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../test/support/caught-error.ts'
import { parseGeneration } from './generation.ts'

const TOKENS = {
  bos_token_id: 0,
  eos_token_id: 2,
  decoder_start_token_id: 2,
  forced_bos_token_id: 0,
  forced_eos_token_id: 2,
}
const SEARCH = { num_beams: 3, early_stopping: true, no_repeat_ngram_size: 3 }

describe('parseGeneration', () => {
  it('takes generation_config.json alone for a model of transformers', () => {
    const config = { text_config: { ...TOKENS, ...SEARCH } }
    const { tokens, generation } = parseGeneration(config, TOKENS, 'transformers')
    expect(tokens).toEqual({ bos: 0, eos: 2, decoderStart: 2, forcedBos: 0, forcedEos: 2 })
    expect(generation).toEqual({
      numBeams: null,
      earlyStopping: false,
      lengthPenalty: 1,
      noRepeatNgramSize: 0,
    })
  })

  it("takes text_config for what Microsoft's generation_config.json leaves out", () => {
    const config = { text_config: { ...TOKENS, ...SEARCH } }
    const large = { num_beams: 3, early_stopping: false }
    expect(parseGeneration(config, large, 'microsoft').generation).toEqual({
      numBeams: 3,
      earlyStopping: false,
      lengthPenalty: 1,
      noRepeatNgramSize: 3,
    })
  })

  it.each([
    ['repetition_penalty', 1.2],
    ['min_length', 5],
    ['min_new_tokens', 1],
    ['suppress_tokens', [5]],
    ['bad_words_ids', [[5]]],
    ['num_beam_groups', 3],
    ['diversity_penalty', 0.5],
  ])('refuses %s = %j, which would change answers', async (field, value) => {
    const error = await caughtError(() =>
      parseGeneration({}, { ...TOKENS, [field]: value }, 'transformers'),
    )
    expect(error.subject).toBe(`generation_config.json: ${field}`)
    expect(error.hint).toContain(field)
  })

  it.each([
    ['repetition_penalty', 1],
    ['min_length', 0],
    ['suppress_tokens', []],
    ['bad_words_ids', null],
    ['max_length', 20],
    ['do_sample', true],
    ['temperature', 0.2],
  ])('has nothing against %s = %j', (field, value) => {
    const read = (): unknown => parseGeneration({}, { ...TOKENS, [field]: value }, 'transformers')
    expect(read).not.toThrow()
  })

  it.each([
    ['eos_token_id', 2 ** 40],
    ['eos_token_id', []],
    ['eos_token_id', [2, -5]],
    ['forced_eos_token_id', [2, 5]],
    ['eos_token_id', -1],
    ['forced_bos_token_id', 1.5],
    ['num_beams', 1e9],
    ['length_penalty', 1e300],
    ['no_repeat_ngram_size', 1e9],
  ])('refuses %s = %j', async (field, value) => {
    const error = await caughtError(() =>
      parseGeneration({}, { ...TOKENS, [field]: value }, 'transformers'),
    )
    expect(error.subject).toContain(`generation_config.json: ${field}`)
  })
})
