// The short form of `npm run faults:folders`.
import { expect, it } from 'vitest'
import {
  compareOutput,
  copyPictures,
  createPictures,
  HAS_EXIFTOOL,
  readOutput,
  runFolder,
  type Way,
  WAYS,
} from '../support/folder-runs.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CASES: readonly { readonly way: Way; readonly pictures: number }[] = [
  { way: WAYS.many, pictures: 24 },
  { way: WAYS.shards, pictures: 24 },
  { way: WAYS.copies, pictures: 24 },
  ...(HAS_EXIFTOOL ? [{ way: WAYS.embed, pictures: 14 }] : []),
]

it.each(CASES)(
  'ends with the files of an undisturbed run after two kills: $way.name',
  async (one) => {
    const { way, pictures } = one
    const [home, calm, killed] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
    await createPictures(calm, pictures, way)
    copyPictures(calm, killed)
    expect((await runFolder(calm, { home, way })).code).toBe(0)
    for (const killAfter of [5, 6]) {
      expect((await runFolder(killed, { home, way, killAfter })).code).toBeNull()
    }
    expect((await runFolder(killed, { home, way })).code).toBe(0)
    expect(compareOutput(readOutput(killed, way), readOutput(calm, way))).toEqual([])
  },
)
