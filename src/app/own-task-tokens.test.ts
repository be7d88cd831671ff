import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { BUNDLED_SOURCE } from './model-source.ts'
import { readOwnTaskTokens } from './own-task-tokens.ts'

/** A model of 100 tokens whose tokenizer has these beside `<s>`. */
function createModel(added: readonly { id: number; content: string }[], config: object): string {
  const folder = temporaryFolder()
  const tokens = [{ id: 0, content: '<s>' }, ...added]
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify({ added_tokens: tokens }))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  return folder
}

const added = [
  { id: 90, content: '<MY_TASK>' },
  { id: 91, content: '<loc_5>' },
  { id: 100, content: '<NO_WEIGHTS>' },
]

describe('readOwnTaskTokens', () => {
  it.each([
    ["transformers' layout", { text_config: { vocab_size: 100 } }],
    ["Microsoft's layout", { vocab_size: 100, text_config: {} }],
  ])('finds those that the model has weights for, in %s', async (_, config) => {
    expect(await readOwnTaskTokens(createModel(added, config))).toEqual(['<MY_TASK>'])
  })

  it('finds none in the bundled model, nor in what cannot be read', async () => {
    expect(await readOwnTaskTokens(BUNDLED_SOURCE.folder)).toEqual([])
    const broken = temporaryFolder()
    cpSync(join(BUNDLED_SOURCE.folder, 'config.json'), join(broken, 'config.json'))
    writeFileSync(join(broken, 'tokenizer.json'), '{"added_tokens":')
    expect(await readOwnTaskTokens(broken)).toEqual([])
  })
})
