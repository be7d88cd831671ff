import { copyFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { lockPicture } from '../../../test/support/lock-picture.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { pictureOnDisk } from '../inputs/picture-file.ts'
import { openDecisions } from './decisions.ts'
import { createLocks } from './locks.ts'
import { createPictureDigests } from './picture-digests.ts'

/** Pictures of equal size, a second between each: some file systems are no more exact. */
async function openFolder(contents: Readonly<Record<string, string>>) {
  const folder = temporaryFolder()
  const at = (name: string): string => join(folder, name)
  for (const [second, [name, content]] of Object.entries(contents).entries()) {
    writeFileSync(at(name), content)
    utimesSync(at(name), 100 + second, 100 + second)
  }
  const decisions = await openDecisions(folder)
  return {
    at,
    lock: async (name: string, locked?: boolean) => lockPicture(decisions, folder, name, locked),
    move: (from: string, to: string) => {
      mkdirSync(dirname(at(to)), { recursive: true })
      renameSync(at(from), at(to))
    },
    /** As a run finds it that starts now. */
    stateOf: async (name: string) => {
      const locks = createLocks(folder, (await openDecisions(folder)).locks, createPictureDigests())
      return locks.stateOf(pictureOnDisk(at(name), { label: name, name, output: folder }))
    },
  }
}

it('follows a picture that is renamed, or moved to an inner folder', async () => {
  const { lock, move, stateOf } = await openFolder({ 'a.png': 'one', 'b.png': 'two' })
  await lock('a.png')
  move('a.png', 'c.png')
  expect([await stateOf('c.png'), await stateOf('b.png')]).toEqual(['locked', 'open'])
  move('c.png', 'inner/A.png')
  expect(await stateOf('inner/A.png')).toBe('locked')
})

it('follows a picture whose name changes its case', async () => {
  const { lock, move, stateOf } = await openFolder({ 'Photo.PNG': 'one' })
  await lock('Photo.PNG')
  move('Photo.PNG', 'photo.png')
  expect(await stateOf('photo.png')).toBe('locked')
})

it('is not that of another picture in its place, of the same size or not', async () => {
  const { at, lock, stateOf } = await openFolder({ 'a.png': 'one', 'b.png': 'one' })
  await lock('a.png')
  await lock('b.png')
  writeFileSync(at('a.png'), 'two')
  utimesSync(at('a.png'), 1, 1)
  writeFileSync(at('b.png'), 'three')
  expect([await stateOf('a.png'), await stateOf('b.png')]).toEqual(['replaced', 'replaced'])
})

it('stays when a folder is copied and its times are new', async () => {
  const { at, lock, stateOf } = await openFolder({ 'a.png': 'one' })
  await lock('a.png')
  utimesSync(at('a.png'), 1, 1)
  expect(await stateOf('a.png')).toBe('locked')
})

it('goes with the picture when two change their names', async () => {
  const { lock, move, stateOf } = await openFolder({ 'a.png': 'one', 'b.png': 'two' })
  await lock('a.png')
  move('a.png', 'c.png')
  move('b.png', 'a.png')
  move('c.png', 'b.png')
  expect([await stateOf('a.png'), await stateOf('b.png')]).toEqual(['replaced', 'locked'])
})

it('is not that of a copy, until the picture itself has gone', async () => {
  const { at, lock, stateOf } = await openFolder({ 'a.png': 'one' })
  await lock('a.png')
  copyFileSync(at('a.png'), at('copy.png'))
  expect(await stateOf('copy.png')).toBe('open')
  rmSync(at('a.png'))
  expect(await stateOf('copy.png')).toBe('locked')
})

it('that was taken away under a new name stays away under the next', async () => {
  const { lock, move, stateOf } = await openFolder({ 'a.png': 'one' })
  await lock('a.png')
  move('a.png', 'b.png')
  await lock('b.png', false)
  expect(await stateOf('b.png')).toBe('open')
  move('b.png', 'c.png')
  expect(await stateOf('c.png')).toBe('open')
})
