import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { describeFolder } from './notes.ts'

const presence = { other: undefined, isWritable: true }

it('says nothing of a folder whose captions are all here', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'captions.jsonl'), '')
  expect(await describeFolder({ folder, presence, missing: 0 })).toEqual([])
})

it('says where captions are that it does not edit, and how they come here', async () => {
  const folder = temporaryFolder()
  for (const name of ['captions.jsonl', 'metadata.jsonl', 'a.json']) {
    writeFileSync(join(folder, name), '')
  }
  const [note] = await describeFolder({ folder, presence, missing: 1 })
  expect(note).toContain('captions.jsonl, metadata.jsonl, .json files')
  expect(note).toContain('--format txt')
})

it('says that a folder is read-only, and that somebody else reviews it', async () => {
  const notes = await describeFolder({
    folder: temporaryFolder(),
    presence: { other: 42, isWritable: false },
    missing: 1,
  })
  expect(notes).toEqual([
    expect.stringContaining('cannot be written to'),
    expect.stringContaining('process 42'),
  ])
})
