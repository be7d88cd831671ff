import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { announceReview } from './presence.ts'

function leaveLock(folder: string, pid: number): void {
  mkdirSync(join(folder, '.flocap'))
  writeFileSync(join(folder, '.flocap', 'review-lock'), JSON.stringify({ pid, host: hostname() }))
}

it('knows another review that lives, and leaves its mark alone', async () => {
  const folder = temporaryFolder()
  leaveLock(folder, process.ppid)
  const presence = await announceReview(folder)
  expect(presence).toMatchObject({ other: process.ppid, isWritable: true })
  await presence.leave()
  expect(existsSync(join(folder, '.flocap', 'review-lock'))).toBe(true)
})

it('takes the place of one that was killed', async () => {
  const folder = temporaryFolder()
  const child = spawn(process.execPath, ['--eval', ''])
  await once(child, 'exit')
  leaveLock(folder, child.pid!)
  expect((await announceReview(folder)).other).toBeUndefined()
})

it('leaves nothing behind in a folder that was only looked at', async () => {
  const folder = temporaryFolder()
  const presence = await announceReview(folder)
  expect(existsSync(join(folder, '.flocap'))).toBe(true)
  await presence.leave()
  expect(existsSync(join(folder, '.flocap'))).toBe(false)
})

it('says that a folder cannot be written to', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, '.flocap'), 'no folder')
  expect(await announceReview(folder)).toMatchObject({ other: undefined, isWritable: false })
})
