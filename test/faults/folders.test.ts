// Folder runs that are killed at random moments or meet a full disk: what they leave is never torn, and
// the same command ends with exactly the files of an undisturbed run.
import { readdirSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  compareOutput,
  copyPictures,
  countAnswered,
  createPictures,
  findTorn,
  HAS_EXIFTOOL,
  readOutput,
  runFolder,
  type Way,
  WAYS,
} from '../support/folder-runs.ts'
import { HAS_SMALL_DISKS, mountSmallDisk } from '../support/small-disk.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordResult, share } from './record-result.ts'

/** Files that the next picture changes: of a stopped run they are as far as it came. */
const GROWING = new Set(['inner/classes.txt', 'classes.txt'])
/** Kills behind the last caption, while files about all pictures are written. */
const AT_END = 4
const PAGE_BYTES = 4096
/** Of what a run writes: with more there may be room for all of it. */
const MOST_LEFT = 0.8

interface Case {
  readonly way: Way
  readonly pictures: number
  readonly kills: number
}

/** ExifTool is started three times for each picture. */
const CASES: readonly Case[] = [
  { way: WAYS.many, pictures: 500, kills: 30 },
  { way: WAYS.shards, pictures: 500, kills: 30 },
  { way: WAYS.copies, pictures: 500, kills: 30 },
  ...(HAS_EXIFTOOL ? [{ way: WAYS.embed, pictures: 100, kills: 15 }] : []),
]

describe.each(CASES)('a run that writes $way.name', ({ way, ...counts }) => {
  it('ends with the files of an undisturbed one, however often it is killed', async () => {
    const [home, calm, killed] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
    const [pictures, kills] = [share(counts.pictures), share(counts.kills)]
    await createPictures(calm, pictures, way)
    copyPictures(calm, killed)
    const before = readOutput(killed, way)
    expect((await runFolder(calm, { home, way })).code).toBe(0)
    const expected = readOutput(calm, way)

    const torn: string[] = []
    const depths: number[] = []
    let ended = 0
    async function killRun(depth: number): Promise<void> {
      const known = way.retells === true ? 0 : countAnswered(killed, way)
      const killAfter = Math.max(1, Math.min(depth, pictures) - known)
      const { code } = await runFolder(killed, { home, way, killAfter })
      if (code === null) depths.push(depth)
      else ended += 1
      torn.push(...findTornNow(killed, way, expected, before))
    }
    const atEnd = Math.min(AT_END, kills - 1)
    for (let kill = 0; kill < kills - atEnd; kill += 1) {
      const known = countAnswered(killed, way)
      const further = known + Math.random() * ((2 * pictures) / kills)
      // Some kills meet a run while it still goes over what is known.
      await killRun(Math.floor(kill % 4 === 3 ? Math.random() * known : further))
    }
    const done = countAnswered(killed, way)
    // Behind the last picture the files about all of them are written.
    for (let kill = 0; kill < atEnd; kill += 1) await killRun(pictures)
    const last = await runFolder(killed, { home, way })
    const wrong = compareOutput(readOutput(killed, way), expected)
    recordResult({
      name: `folders (kill, ${way.name})`,
      done: `${kills} times SIGKILL at a random moment over ${pictures} pictures, ${way.name}`,
      numbers: {
        killed: depths.length,
        'ended before its kill': ended,
        files: expected.size,
        'torn after a kill': torn.length,
        'wrong at the end': wrong.length,
        [`captioned before the last ${atEnd} kills`]: done,
      },
    })
    expect({ torn, wrong }).toEqual({ torn: [], wrong: [] })
    expect(last.code).toBe(0)
  })

  it.skipIf(!HAS_SMALL_DISKS)('names a full disk, and goes on when there is room', async () => {
    const [home, calm] = [temporaryFolder(), temporaryFolder()]
    const pictures = share(Math.min(60, counts.pictures / 3))
    await createPictures(calm, pictures, way)
    const before = readOutput(calm, way)
    const empty = usedBytes(calm)
    expect((await runFolder(calm, { home, way })).code).toBe(0)
    const expected = readOutput(calm, way)
    const written = usedBytes(calm) - empty
    const moments = share(5)
    const wrong: string[] = []
    let named = 0
    for (let moment = 0; moment < moments; moment += 1) {
      const disk = mountSmallDisk('size=64m')
      if (disk === undefined) throw new Error('The disk could be made before.')
      try {
        const folder = join(disk.path, 'album')
        await createPictures(folder, pictures, way)
        // What is left of the disk: from nothing to nearly what the run needs.
        const left = Math.floor(Math.random() * MOST_LEFT * written)
        disk.remount(`size=${usedOfDisk(disk.path) + left}`)
        const full = await runFolder(folder, { home, way })
        if (full.stderr.includes('the disk is full') && full.code !== 0) named += 1
        wrong.push(...findTornNow(folder, way, expected, before))
        disk.remount('size=64m')
        await runFolder(folder, { home, way })
        wrong.push(...compareOutput(readOutput(folder, way), expected))
      } finally {
        disk.remove()
      }
    }
    recordResult({
      name: `folders (full disk, ${way.name})`,
      done: `a disk that is full at ${moments} random moments of a run over ${pictures} pictures, ${way.name}`,
      numbers: { named, 'torn or wrong': wrong.length },
    })
    expect(wrong).toEqual([])
    expect(named).toBe(moments)
  })
})

function findTornNow(
  folder: string,
  way: Way,
  expected: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): readonly string[] {
  const found = [...readOutput(folder, way)].filter(([name]) => !isUnfinished(name))
  const torn = findTorn(new Map(found), expected, before)
  return torn.filter((line) => !GROWING.has(line.split(' ')[0] ?? ''))
}

/** Being written when the process was killed; the next run replaces it. */
function isUnfinished(name: string): boolean {
  return /(?:^|\/)\.flocap-[\da-f]{12}$/.test(name)
}

/** Of all files below, as a disk counts them: in whole pages. */
function usedBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => statSync(join(parentPath, name)).size)
    .reduce((sum, size) => sum + Math.ceil(size / PAGE_BYTES) * PAGE_BYTES, 0)
}

function usedOfDisk(folder: string): number {
  const { blocks, bfree, bsize } = statfsSync(folder)
  return (blocks - bfree) * bsize
}
