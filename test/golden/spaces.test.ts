// Ids of 7,000 random texts full of unusual spaces, which JavaScript and the reference's library do not
// take for the same characters: tools/python/spaces.py made the checksums.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { openTokenizer } from '../../src/runtime/tokenizer/tokenizer.ts'

const FOLDER = fileURLToPath(new URL('../fixtures/florence2/tokenizer', import.meta.url))
const FILES = { tokenizer: 'tokenizer.json', tokenizerConfig: 'tokenizer_config.json' }

const fixture = z
  .object({ spaces: z.array(z.string()), words: z.array(z.string()), crc32: z.array(z.number()) })
  .parse(
    JSON.parse(readFileSync(new URL('../fixtures/tokenizer/spaces.json', import.meta.url), 'utf8')),
  )

function* randomTexts(): Generator<string> {
  let state = 7
  const draw = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 16) % limit
  }
  for (;;) {
    const parts: string[] = []
    for (let left = 1 + draw(9); left > 0; left -= 1) {
      const kind = draw(2) === 0 ? fixture.spaces : fixture.words
      parts.push(kind[draw(kind.length)]!)
    }
    yield parts.join('')
  }
}

it('encodes unusual spaces as the reference does', async () => {
  const tokenizer = await openTokenizer(FOLDER, FILES)
  expect(fixture.crc32).toHaveLength(7000)
  const texts = randomTexts()
  const different = fixture.crc32.filter((expected) => {
    const text = texts.next().value
    return crc32(tokenizer.encodeText(text).join(',')) !== expected
  })
  expect(different).toEqual([])
})

it.each(['a\u{FEFF}b', 'a\u{85}b', '\u{FEFF}', 'x\u{85}\u{85} y'])(
  'gives %j back',
  async (text) => {
    const tokenizer = await openTokenizer(FOLDER, FILES)
    expect(tokenizer.decode(tokenizer.encodeText(text))).toBe(text)
  },
)
