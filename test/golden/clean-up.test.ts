// Which rule turns ids into text: `clean_up_tokenization_spaces` as the checkpoint's own file says, and as
// transformers did when Florence-2 was published where it says nothing. tools/python/clean_up.py made the
// texts. From version 5 on the library leaves them as they are, whatever the file says.
import { readFileSync } from 'node:fs'
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTokenizer, type Tokenizer } from '../../src/runtime/tokenizer/tokenizer.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const FOLDER = fileURLToPath(new URL('../fixtures/florence2/tokenizer', import.meta.url))
const FILES = { tokenizer: 'tokenizer.json', tokenizerConfig: 'tokenizer_config.json' }

const { cases } = z
  .object({
    cases: z.array(z.object({ ids: z.array(z.number()), cleaned: z.string(), left: z.string() })),
  })
  .parse(
    JSON.parse(
      readFileSync(new URL('../fixtures/tokenizer/clean-up.json', import.meta.url), 'utf8'),
    ),
  )

async function tokenizerThatSays(setting: object): Promise<Tokenizer> {
  const folder = temporaryFolder()
  await cp(join(FOLDER, FILES.tokenizer), join(folder, FILES.tokenizer))
  await writeFile(join(folder, FILES.tokenizerConfig), JSON.stringify(setting))
  return openTokenizer(folder, FILES)
}

describe('ids as text', () => {
  it.each([
    ['true', { clean_up_tokenization_spaces: true }, 'cleaned'],
    ['null', { clean_up_tokenization_spaces: null }, 'cleaned'],
    ['left out', {}, 'cleaned'],
    ['false', { clean_up_tokenization_spaces: false }, 'left'],
  ] as const)('where clean_up_tokenization_spaces is %s', async (_, setting, rule) => {
    const tokenizer = await tokenizerThatSays(setting)
    for (const one of cases) expect(tokenizer.decode(one.ids)).toBe(one[rule])
  })

  it('would tell the rules apart', () => {
    expect(cases.filter(({ cleaned, left }) => cleaned !== left).length).toBeGreaterThan(100)
  })
})
