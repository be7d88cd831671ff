import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { hasReferenceData, referencePath } from '../../test/support/reference-data.ts'
import { createTextStream } from './text-stream.ts'
import { openTokenizer, type Tokenizer } from './tokenizer/tokenizer.ts'

const FILES = { tokenizer: 'tokenizer.json', tokenizerConfig: 'tokenizer_config.json' }
const DEMO = fileURLToPath(new URL('../../models/flocap-demo', import.meta.url))

/** Texts that the tokenizer's clean-up joins, and characters that several tokens make up. */
const AWKWARD = [
  "it 's a dog , isn n't it ? yes !",
  "' quoted ' and ' more '",
  'café – naïve 中文字 🦉🦉',
  " 's 've 're 'm n't",
  'a . b , c ? d ! e',
]

const TOKENIZERS: [name: string, folder: string, ids: number, skip: boolean][] = [
  ['the bundled model', DEMO, 2723, false],
  [
    'Florence-2-large',
    referencePath('florence2/checkpoint-files/large-2024-06'),
    51_289,
    !hasReferenceData,
  ],
]

describe.each(TOKENIZERS)('a text stream of %s', (_, folder, ids, skip) => {
  let tokenizer: Tokenizer
  beforeAll(async () => {
    if (!skip) tokenizer = await openTokenizer(folder, FILES)
  })

  /** Pushes tokens in pieces of the given lengths, then ends. */
  function stream(tokens: readonly number[], lengths: readonly number[]): string {
    const words = createTextStream(tokenizer)
    let text = ''
    let at = 0
    for (const length of [...lengths, tokens.length]) {
      text += words.push(tokens.slice(at, at + length))
      at = Math.min(tokens.length, at + length)
    }
    return text + words.end()
  }

  it.skipIf(skip)('adds up to the whole text, for any tokens in any pieces', () => {
    const tokens = fc.array(fc.nat(ids - 1), { maxLength: 40 })
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 10 })
    fc.assert(
      fc.property(tokens, lengths, (all, pieces) => {
        expect(stream(all, pieces)).toBe(tokenizer.decode(all))
      }),
      { numRuns: 2_000 },
    )
  })

  it.skipIf(skip)('adds up for any shuffle of the awkward pieces', () => {
    const pool = AWKWARD.flatMap((text) => tokenizer.encodeText(text))
    const tokens = fc.array(fc.constantFrom(...pool), { maxLength: 30 })
    fc.assert(
      fc.property(tokens, (all) => {
        expect(
          stream(
            all,
            Array.from(all, () => 1),
          ),
        ).toBe(tokenizer.decode(all))
      }),
      { numRuns: 5_000 },
    )
  })

  it.skipIf(skip).each(AWKWARD)('adds up for %j', (text) => {
    const tokens = tokenizer.encodeText(text)
    expect(stream(tokens, [1, 1, 1, 1, 1, 1, 1])).toBe(tokenizer.decode(tokens))
  })

  it.skipIf(skip)('lets words out before the end', () => {
    const words = createTextStream(tokenizer)
    expect(words.push(tokenizer.encodeText('The image shows a dog'))).toMatch(/^The image/)
  })
})
