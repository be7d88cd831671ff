import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { openUndoFile } from './undo-file.ts'

const change = (name: string) => ({ name, before: `${name} before`, after: null })

it('keeps the last step, all its parts, for later processes', async () => {
  const folder = temporaryFolder()
  const file = openUndoFile(folder)
  expect(await file.read()).toBeUndefined()
  await file.record('one', [change('a')])
  await file.record('two', [change('b')])
  await file.record('two', [change('c')])
  const later = openUndoFile(folder)
  expect(await later.read()).toMatchObject({ step: 'two', changes: [change('b'), change('c')] })
})

it('knows what was whole before a crash', async () => {
  const folder = temporaryFolder()
  await openUndoFile(folder).record('one', [change('a')])
  appendFileSync(join(folder, '.flocap', 'review-undo.jsonl'), '{"name":"b","bef')
  expect((await openUndoFile(folder).read())?.changes).toEqual([change('a')])
})
