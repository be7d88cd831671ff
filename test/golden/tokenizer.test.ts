// Token ids of the published tokenizers: every prompt of the reference, and the awkward texts.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { ResolvedPrompt } from '../../src/caption/ports.ts'
import { openTokenizer, type Tokenizer } from '../../src/runtime/tokenizer/tokenizer.ts'
import { hasReferenceData, readReferenceJson, referencePath } from '../support/reference-data.ts'

const ids = z.array(z.number())
const prompted = z.object({ prompt: z.string(), input_ids: ids })
const fixtureSchema = z.object({
  no_input: z.record(z.string(), prompted),
  with_input_examples: z.record(z.string(), prompted),
  raw_fine_tune_prompts: z.record(z.string(), ids),
  tokenizer_cases: z.record(z.string(), ids),
})

const FILES = { tokenizer: 'tokenizer.json', tokenizerConfig: 'tokenizer_config.json' }
/** Microsoft's own file lacks the tokens that its processor adds; the converted one has them. */
const FOLDERS = ['large-2024-06', 'base-native']

/** The reference's tokenizer finds control tokens in a text; ours is told where they are. */
function controlTokensIn(text: string): ResolvedPrompt {
  return text
    .split(/(<(?:loc_\d+|\/?(?:s|pad|unk|od|ocr|poly|sep|grounding|seg|mask))>)/)
    .filter((part) => part !== '')
    .map((part) =>
      /^<.+>$/.test(part) ? { kind: 'token', token: part } : { kind: 'text', text: part },
    )
}

describe.skipIf(!hasReferenceData).each(FOLDERS)('the tokenizer of %s', (folder) => {
  const fixture = hasReferenceData
    ? fixtureSchema.parse(readReferenceJson('florence2/prompts-and-ids.json'))
    : null
  const open = async (): Promise<Tokenizer> =>
    openTokenizer(referencePath(`florence2/checkpoint-files/${folder}`), FILES)

  it('encodes the prompts of all tasks', async () => {
    const tokenizer = await open()
    for (const { prompt, input_ids } of [
      ...Object.values(fixture!.no_input),
      ...Object.values(fixture!.with_input_examples),
    ]) {
      expect(tokenizer.encodePrompt(controlTokensIn(prompt)), prompt).toEqual(input_ids)
    }
  })

  it("encodes the fine-tunes' tags as text", async () => {
    const tokenizer = await open()
    for (const [text, expected] of Object.entries(fixture!.raw_fine_tune_prompts)) {
      expect(tokenizer.encodePrompt([{ kind: 'text', text }]), text).toEqual(expected)
    }
  })

  it('encodes every awkward text', async () => {
    const tokenizer = await open()
    for (const [text, expected] of Object.entries(fixture!.tokenizer_cases)) {
      expect(tokenizer.encodePrompt(controlTokensIn(text)), text).toEqual(expected)
    }
  })

  it('never makes a control token of text', async () => {
    const tokenizer = await open()
    for (const text of ['</s>', '<loc_5>', 'a <od> b', '<mask>', '<pad><s>']) {
      const encoded = tokenizer.encodePrompt([{ kind: 'text', text }]).slice(1, -1)
      // Control tokens are the first four ids and those behind BART's 50,264 words.
      expect(
        encoded.every((id) => id > 3 && id < 50_264),
        text,
      ).toBe(true)
      expect(tokenizer.decode(encoded)).toBe(text)
    }
  })
})
