// Folder runs that are killed at random moments or meet a full disk: what they leave is never torn, and
// the same command ends with exactly the files of an undisturbed run.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import {
  compareOutput,
  copyPictures,
  createPictures,
  findTorn,
  readOutput,
  runFolder,
} from '../support/folder-runs.ts'
import { createFolder, removeFolder, temporaryFolder } from '../support/temporary-folder.ts'
import { recordResult, share } from './record-result.ts'

/** Files that the next picture changes: of a stopped run they are as far as it came. */
const GROWING = new Set(['inner/classes.txt', 'classes.txt'])

it('ends with the files of an undisturbed run, however often it is killed', async () => {
  const [home, calm, killed] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
  const [pictures, kills] = [share(500), share(30)]
  createPictures(calm, pictures)
  copyPictures(calm, killed)
  expect((await runFolder(calm, { home })).code).toBe(0)
  const expected = readOutput(calm)

  let done = 0
  const torn: string[] = []
  for (let kill = 0; kill < kills; kill += 1) {
    const killAfter = 1 + Math.floor(Math.random() * ((1.5 * pictures) / kills))
    const run = await runFolder(killed, { home, killAfter })
    done += run.lines
    const found = new Map([...readOutput(killed)].filter(([name]) => !isUnfinished(name)))
    torn.push(...findTorn(found, expected).filter((line) => !GROWING.has(line.split(' ')[0] ?? '')))
  }
  const last = await runFolder(killed, { home })
  const wrong = compareOutput(readOutput(killed), expected)
  recordResult({
    name: 'folders (kill)',
    done: `${kills} times SIGKILL at a random moment over ${pictures} pictures in 10 formats`,
    numbers: {
      files: expected.size,
      'torn after a kill': torn.length,
      'wrong at the end': wrong.length,
      'captioned before the last run': done,
    },
  })
  expect(last.code).toBe(0)
  expect({ torn, wrong }).toEqual({ torn: [], wrong: [] })
})

it.runIf(canMount())(
  'names a full disk, tears nothing, and goes on when there is room',
  async () => {
    const [home, calm, disk] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
    const pictures = share(60)
    createPictures(calm, pictures)
    expect((await runFolder(calm, { home })).code).toBe(0)
    const expected = readOutput(calm)
    const moments = share(5)
    const wrong: string[] = []
    let named = 0
    for (let moment = 0; moment < moments; moment += 1) {
      mount(disk, '64m')
      try {
        const folder = join(disk, 'album')
        createPictures(folder, pictures)
        // What is left of the disk: from nothing to what about half of the run needs.
        mount(disk, `${usedKb(disk) + Math.floor(Math.random() * 4 * pictures)}k`, 'remount,')
        const full = await runFolder(folder, { home })
        if (full.stderr.includes('the disk is full') && full.code !== 0) named += 1
        const found = new Map([...readOutput(folder)].filter(([name]) => !isUnfinished(name)))
        wrong.push(
          ...findTorn(found, expected).filter((line) => !GROWING.has(line.split(' ')[0] ?? '')),
        )
        mount(disk, '64m', 'remount,')
        await runFolder(folder, { home })
        wrong.push(...compareOutput(readOutput(folder), expected))
      } finally {
        execFileSync('umount', [disk])
      }
    }
    recordResult({
      name: 'folders (full disk)',
      done: `a disk that is full at ${moments} random moments of a run over ${pictures} pictures`,
      numbers: { named, 'torn or wrong': wrong.length },
    })
    expect(wrong).toEqual([])
    expect(named).toBe(moments)
  },
)

/** Being written when the process was killed; the next run replaces it. */
function isUnfinished(name: string): boolean {
  return /(?:^|\/)\.flocap-[\da-f]{12}$/.test(name)
}

function mount(folder: string, size: string, options = ''): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `${options}size=${size}`, 'tmpfs', folder])
}

function usedKb(folder: string): number {
  const [, line = ''] = execFileSync('df', ['-k', folder], { encoding: 'utf8' }).split('\n')
  return Number(line.split(/\s+/)[2])
}

/** Disks of a chosen size need Linux and root; elsewhere this test is skipped. */
function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = createFolder()
  try {
    mount(folder, '1m')
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    removeFolder(folder)
  }
}
