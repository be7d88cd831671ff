// Runs of `flocap caption` over a folder that are killed or run out of disk, and what they leave.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PROGRAM } from './program.ts'
import { writeTar } from './tar-writer.ts'
import { readSample, readSampleTruths } from './samples.ts'

/** In 8 bits a close decision can depend on which pictures share the arithmetic. */
const PRECISION = 'fp32'

/** What a run writes. All ways together write every format there is. */
export interface Way {
  readonly name: string
  readonly args: string
  /** Whether the pictures themselves are written. */
  readonly embeds?: boolean
  /** Whether the pictures are members of tar files, of which captioned copies are written. */
  readonly packs?: boolean
  /** Files about all pictures are written at the end: a killed run's captions are printed again. */
  readonly retells?: boolean
}

export const WAYS = {
  many: {
    name: '10 formats',
    args: '--task caption,od --trigger ohwx --format caption,json,jsonl,csv,hf,kohya,bbox,yolo,coco,xmp',
    retells: true,
  },
  /** yolo has the file that txt wants. */
  shards: {
    name: 'txt and webdataset',
    args: '--task caption --format txt,webdataset',
    retells: true,
  },
  copies: {
    name: 'webdataset of shards',
    args: '--task caption --format webdataset',
    packs: true,
    retells: true,
  },
  embed: { name: '--embed', args: '--task caption --embed', embeds: true },
} as const satisfies Record<string, Way>

/** Debian has it as libimage-exiftool-perl. */
export const HAS_EXIFTOOL = spawnSync('exiftool', ['-ver']).status === 0

/** Longest wait between a picture's line and the kill: about one caption of the demo model. */
const MOMENT_MS = 60

/** Where copies of shards come: never into the folder of the shards themselves. */
const COPIES = 'copies'
/** Tar files of a folder, so that a run can be killed between two of their copies. */
const SHARDS = 8

/** Pictures of different bytes, some in an inner folder. */
export async function createPictures(
  folder: string,
  count: number,
  { packs = false }: Pick<Way, 'packs'> = {},
): Promise<void> {
  const samples = readSampleTruths().map(({ file }) => readSample(file))
  const pictures = Array.from({ length: count }, (_, index): readonly [string, Buffer] => [
    `${index % 3 === 0 ? 'inner/' : ''}${String(index).padStart(4, '0')}.png`,
    Buffer.concat([samples[index % samples.length]!, Buffer.from(`#${index}`)]),
  ])
  mkdirSync(join(folder, packs ? COPIES : 'inner'), { recursive: true })
  if (packs) return packPictures(folder, pictures)
  for (const [name, bytes] of pictures) writeFileSync(join(folder, name), bytes)
}

async function packPictures(
  folder: string,
  pictures: readonly (readonly [string, Buffer])[],
): Promise<void> {
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const members = pictures.filter((_, index) => index % SHARDS === shard)
    await writeTar(join(folder, `${shard}.tar`), Object.fromEntries(members))
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
  /** Default: those of `WAYS.many`. */
  readonly way?: Way
  /** Kills it after so many lines, somewhere in the next moment. */
  readonly killAfter?: number
  readonly random?: () => number
}

export async function runFolder(
  folder: string,
  { home, way = WAYS.many, killAfter, random = Math.random }: RunFolderOptions,
): Promise<FolderRun> {
  const child = spawn(
    process.execPath,
    [
      PROGRAM,
      'caption',
      ...(way.packs === true ? [...listShards(folder), '--out', join(folder, COPIES)] : [folder]),
      '-r',
      '--jobs',
      '4',
      '--precision',
      PRECISION,
      ...way.args.split(' '),
    ],
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

function listShards(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tar'))
    .map((name) => join(folder, name))
}

/** Pictures that the journal has an answer for. */
export function countAnswered(folder: string, { packs = false }: Pick<Way, 'packs'> = {}): number {
  const path = join(folder, packs ? COPIES : '', '.flocap', 'journal.jsonl')
  const journal = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const names = journal.matchAll(/^\{"type":"picture".*?"name":("(?:[^"\\]|\\.)*")/gm)
  return new Set([...names].map(([, name]) => name)).size
}

/** What a run has written, by name and as Latin-1; what it is to hide is left out. */
export function readOutput(
  folder: string,
  { embeds = false }: Pick<Way, 'embeds'> = {},
): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && (embeds || !entry.name.endsWith('.png')))
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .filter((name) => !name.includes('.flocap/'))
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'latin1')]))
}

/** Files of `found` that are not exactly as in `expected`: by name, with what is wrong. */
export function compareOutput(
  found: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
): readonly string[] {
  const missing = [...expected.keys()].filter((name) => !found.has(name))
  return [...missing.map((name) => `${name} is missing`), ...findTorn(found, expected)]
}

/**
 * As `compareOutput`, for a run that has not ended: files may be missing.
 * @param before what files held before the first run; they may hold it still.
 */
export function findTorn(
  found: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string> = new Map(),
): readonly string[] {
  return [...found].flatMap(([name, content]) => {
    if (!expected.has(name)) return [`${name} is too many`]
    return expected.get(name) === content || before.get(name) === content ? [] : [`${name} differs`]
  })
}
