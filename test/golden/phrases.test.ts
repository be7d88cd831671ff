// Several phrases in one prompt: the ids that transformers 5.23 and tokenizers give for the bundled
// model, where `<and>` is one token wherever it stands.
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { PHRASE_SEPARATOR, renderPrompt } from '../../src/caption/prompt.ts'
import { resolveRegions } from '../../src/caption/region.ts'
import { openTokenizer } from '../../src/runtime/tokenizer/tokenizer.ts'

const MODEL = fileURLToPath(new URL('../../models/flocap-demo/', import.meta.url))
const FILES = { tokenizer: 'tokenizer.json', tokenizerConfig: 'tokenizer_config.json' }

describe('phrases of one prompt', () => {
  it.each([
    [['anchor', 'trophy'].join(PHRASE_SEPARATOR), [0, 287, 638, 2674, 900, 268, 263, 271, 17, 2]],
    ['anchor <and> trophy', [0, 287, 638, 224, 2674, 706, 268, 263, 271, 17, 2]],
    ['anchor<and> trophy', [0, 287, 638, 2674, 706, 268, 263, 271, 17, 2]],
  ])('%s has the ids of the reference', async (input, ids) => {
    const tokenizer = await openTokenizer(MODEL, FILES)
    const prompt = resolveRegions(renderPrompt('open_vocabulary_detection', input), {
      width: 1,
      height: 1,
    })
    expect(tokenizer.encodePrompt(prompt)).toEqual(ids)
  })
})
