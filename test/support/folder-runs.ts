// Runs of `flocap caption` over a folder that are killed or run out of disk, and what they leave.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PROGRAM } from './program.ts'
import { readSample, readSampleTruths } from './samples.ts'

/** Every format that has a place beside the others: a caption for each picture, and boxes. */
const FORMATS = 'caption,json,jsonl,csv,hf,kohya,bbox,yolo,coco,xmp'
/** In 8 bits a close decision can depend on which pictures share the arithmetic. */
const PRECISION = 'fp32'
const ARGUMENTS = `--task caption,od --trigger ohwx --jobs 4 --precision ${PRECISION} --format ${FORMATS}`

/** Longest wait between a picture's line and the kill: about one caption of the demo model. */
const MOMENT_MS = 60

/** Pictures of different bytes, some in an inner folder. */
export function createPictures(folder: string, count: number): void {
  const samples = readSampleTruths().map(({ file }) => readSample(file))
  mkdirSync(join(folder, 'inner'), { recursive: true })
  for (let index = 0; index < count; index += 1) {
    const name = `${index % 3 === 0 ? 'inner/' : ''}${String(index).padStart(4, '0')}.png`
    const sample = samples[index % samples.length]!
    writeFileSync(join(folder, name), Buffer.concat([sample, Buffer.from(`#${index}`)]))
  }
}

export function copyPictures(from: string, to: string): void {
  cpSync(from, to, { recursive: true })
}

export interface FolderRun {
  readonly code: number | null
  readonly stderr: string
  /** Lines of captions. */
  readonly lines: number
}

export interface RunFolderOptions {
  readonly home: string
  /** Kills it after so many lines, somewhere in the next moment. */
  readonly killAfter?: number
  readonly random?: () => number
}

export async function runFolder(
  folder: string,
  { home, killAfter, random = Math.random }: RunFolderOptions,
): Promise<FolderRun> {
  const child = spawn(
    process.execPath,
    [PROGRAM, 'caption', folder, '-r', ...ARGUMENTS.split(' ')],
    {
      env: { ...process.env, FLOCAP_HOME: home },
    },
  )
  let stderr = ''
  let lines = 0
  let isDoomed = false
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines += text.split('\n').length - 1
    if (killAfter === undefined || lines < killAfter || isDoomed) return
    isDoomed = true
    void sleep(random() * MOMENT_MS).then(() => child.kill('SIGKILL'))
  })
  await once(child, 'close')
  return { code: child.exitCode, stderr, lines }
}

/** What a run has written, by name; what it is to hide is left out. */
export function readOutput(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.png'))
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .filter((name) => !name.startsWith('.flocap/'))
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** Files of `found` that are not exactly as in `expected`: by name, with what is wrong. */
export function compareOutput(
  found: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
): readonly string[] {
  const missing = [...expected.keys()].filter((name) => !found.has(name))
  return [...missing.map((name) => `${name} is missing`), ...findTorn(found, expected)]
}

/** As `compareOutput`, for a run that has not ended: files may be missing. */
export function findTorn(
  found: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
): readonly string[] {
  return [...found].flatMap(([name, content]) => {
    if (!expected.has(name)) return [`${name} is too many`]
    return expected.get(name) === content ? [] : [`${name} differs`]
  })
}
