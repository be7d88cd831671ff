import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hasReferenceData, readReferenceJson } from '../../../test/support/reference-data.ts'
import { tokenizerFileSchema, withFlorence2Tokens } from './florence2-tokens.ts'
import { assertKnownTokenizer } from './known-tokenizer.ts'

const DEMO = new URL('../../../models/flocap-demo/tokenizer.json', import.meta.url)

const BART = {
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false },
  decoder: { type: 'ByteLevel' },
  added_tokens: [{ id: 2, content: '</s>' }],
  model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] },
}

function assert(change: object): void {
  assertKnownTokenizer(tokenizerFileSchema.parse({ ...BART, ...change }))
}

/** Takes a minute for thirty letters, twice as long for each further one. */
const EXPLODING = '(a+)+$'

describe('assertKnownTokenizer', () => {
  it('takes the bundled and the published files', () => {
    const demo = tokenizerFileSchema.parse(JSON.parse(readFileSync(DEMO, 'utf8')))
    expect(() => assertKnownTokenizer(demo)).not.toThrow()
    if (!hasReferenceData) return
    for (const folder of ['large-2024-06', 'base-native']) {
      const path = `florence2/checkpoint-files/${folder}/tokenizer.json`
      assertKnownTokenizer(tokenizerFileSchema.parse(readReferenceJson(path)))
    }
  })

  it.each([
    ['normalizer', { type: 'Replace', pattern: { Regex: EXPLODING }, content: '' }],
    ['pre_tokenizer', { type: 'Split', pattern: { Regex: EXPLODING }, behavior: 'Isolated' }],
    ['decoder', { type: 'Sequence', decoders: [{ pattern: { Regex: EXPLODING } }] }],
    ['post_processor', { processors: { x: { Regex: EXPLODING } } }],
  ])('runs no unknown expression of its %s', (part, value) => {
    expect(() => assert({ [part]: value })).toThrow('holds the regular expression "(a+)+$"')
  })

  it("takes GPT-2's expression, and texts that are no expressions", () => {
    const Regex =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
    assert({ pre_tokenizer: { type: 'Split', pattern: { Regex } } })
    assert({ normalizer: { type: 'Replace', pattern: { String: EXPLODING }, content: '' } })
    // A token may be called like a field of the format.
    assert({ model: { vocab: { Regex: 0 } } })
  })

  it.each([2 ** 40, -1, 1_000_000])('names a token whose number is %d', (id) => {
    expect(() => assert({ model: { vocab: { 'a\u001B[2J': id } } })).toThrow(
      `numbers the token "a\\u001b[2J" ${id}, expected 0 to 999999`,
    )
    expect(() => assert({ added_tokens: [{ id, content: '<x>' }] })).toThrow('the token "<x>"')
  })

  it('refuses what is too many, too long or too deep', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000_001 }, (_, i) => [`t${i}`, 0]))
    expect(() => assert({ model: { vocab: many } })).toThrow('lists 1000002 tokens')
    expect(() => assert({ model: { vocab: { ['x'.repeat(1001)]: 0 } } })).toThrow('1001 characters')
    let deep: object = {}
    for (let i = 0; i < 10_000; i += 1) deep = { deep }
    expect(() => assert({ normalizer: deep })).toThrow('nested more than 16 deep')
  })
})

describe('withFlorence2Tokens', () => {
  it('numbers its tokens behind those of a large vocabulary', () => {
    const vocab = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`t${i}`, i]))
    const file = tokenizerFileSchema.parse({ ...BART, added_tokens: [], model: { vocab } })
    expect(withFlorence2Tokens(file).added_tokens[0]?.id).toBe(200_000)
  })
})
