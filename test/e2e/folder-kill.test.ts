// The short form of `npm run faults:folders`.
import { expect, it } from 'vitest'
import {
  compareOutput,
  copyPictures,
  createPictures,
  readOutput,
  runFolder,
} from '../support/folder-runs.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

it('ends with the files of an undisturbed run after two kills', async () => {
  const [home, calm, killed] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
  createPictures(calm, 24)
  copyPictures(calm, killed)
  expect((await runFolder(calm, { home })).code).toBe(0)
  for (const killAfter of [5, 6]) {
    expect((await runFolder(killed, { home, killAfter })).code).toBeNull()
  }
  expect((await runFolder(killed, { home })).code).toBe(0)
  expect(compareOutput(readOutput(killed), readOutput(calm))).toEqual([])
})
