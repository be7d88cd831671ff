import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { openDecisions } from './decisions.ts'

it('makes no file before there is a decision', async () => {
  const folder = temporaryFolder()
  const decisions = await openDecisions(folder)
  await decisions.refresh()
  expect(decisions.isLocked('a.png')).toBe(false)
  expect(existsSync(join(folder, '.flocap'))).toBe(false)
})

it('is seen by others that have the file open, and by later ones', async () => {
  const folder = temporaryFolder()
  const [mine, other] = [await openDecisions(folder), await openDecisions(folder)]
  await mine.add([{ type: 'lock', name: 'a.png', locked: true }])
  await other.refresh()
  expect(other.isLocked('a.png')).toBe(true)
  await other.add([{ type: 'lock', name: 'a.png', locked: false }])
  expect((await openDecisions(folder)).isLocked('a.png')).toBe(false)
})

it('goes on behind the half of a line that a crash left', async () => {
  const folder = temporaryFolder()
  const decisions = await openDecisions(folder)
  await decisions.add([{ type: 'lock', name: 'a.png', locked: true }])
  const file = join(folder, '.flocap', 'review.jsonl')
  appendFileSync(file, '{"type":"lock","na')
  const later = await openDecisions(folder)
  await later.add([{ type: 'lock', name: 'b.png', locked: true }])
  const last = await openDecisions(folder)
  expect([last.isLocked('a.png'), last.isLocked('b.png')]).toEqual([true, true])
  expect(readFileSync(file, 'utf8').endsWith('\n')).toBe(true)
})

it('remembers what a file held before its first edit', async () => {
  const decisions = await openDecisions(temporaryFolder())
  const edit = { type: 'edit' as const, name: 'a.png', file: 'a.txt' }
  await decisions.add([
    { ...edit, before: 'one', after: 'two' },
    { ...edit, before: 'two', after: null },
  ])
  expect(decisions.originalOf('a.txt')).toBe('one')
  expect(decisions.originalOf('b.txt')).toBeUndefined()
})
