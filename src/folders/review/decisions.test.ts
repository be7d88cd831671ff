import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { type Decisions, type NewDecision, openDecisions } from './decisions.ts'

const lock = (name: string, locked = true): NewDecision => ({
  type: 'lock',
  name,
  sha256: name,
  size: 1,
  mtimeMs: 1,
  locked,
})

const isLocked = ({ locks }: Decisions, name: string): boolean | undefined =>
  locks.byName(name)?.locked

it('makes no file before there is a decision', async () => {
  const folder = temporaryFolder()
  const decisions = await openDecisions(folder)
  await decisions.refresh()
  expect(isLocked(decisions, 'a.png')).toBeUndefined()
  expect(existsSync(join(folder, '.flocap'))).toBe(false)
})

it('is seen by others that have the file open, and by later ones', async () => {
  const folder = temporaryFolder()
  const [mine, other] = [await openDecisions(folder), await openDecisions(folder)]
  await mine.add([lock('a.png')])
  await other.refresh()
  expect(isLocked(other, 'a.png')).toBe(true)
  await other.add([lock('a.png', false)])
  expect(isLocked(await openDecisions(folder), 'a.png')).toBe(false)
})

it('misses no line when many ask for news at once', async () => {
  const folder = temporaryFolder()
  const [mine, other] = [await openDecisions(folder), await openDecisions(folder)]
  for (const name of ['a.png', 'b.png', 'c.png', 'd.png']) {
    await mine.add([lock(name)])
    await Promise.all([other.refresh(), other.refresh(), other.refresh()])
    expect([name, isLocked(other, name)]).toEqual([name, true])
  }
})

it('goes on behind the half of a line that a crash left', async () => {
  const folder = temporaryFolder()
  const decisions = await openDecisions(folder)
  await decisions.add([lock('a.png')])
  const file = join(folder, '.flocap', 'review.jsonl')
  appendFileSync(file, '{"type":"lock","na')
  const later = await openDecisions(folder)
  await later.add([lock('b.png')])
  const last = await openDecisions(folder)
  expect([isLocked(last, 'a.png'), isLocked(last, 'b.png')]).toEqual([true, true])
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
