// The pictures that the arguments of a command mean: files, folders, patterns, archives, and standard
// input, each with the place where its captions go.
import { stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { FlocapError, toFlocapError } from '../../base/errors.ts'
import { readError } from '../../base/file-errors.ts'
import { assertPlain } from '../../base/plain-files.ts'
import { type RecognisePicture, SNIFFED_BYTES } from '../ports.ts'
import { type Archive, findMembers, placeOfArchive } from './archive.ts'
import { classifyFile } from './classify.ts'
import { expandPattern, isPattern } from './globs.ts'
import { isFolder } from './is-folder.ts'
import {
  assertPictureFile,
  type Failure,
  type LeftOut,
  type PictureFile,
  pictureOnDisk,
  readStart,
} from './picture-file.ts'
import { openTar } from './tar.ts'
import { walkFolder } from './walk-folder.ts'
import { openZip } from './zip.ts'

/** The name of standard input. */
export const STANDARD_INPUT = '-'

export interface FindOptions {
  /** Also the folders inside folders. */
  readonly recursive: boolean
  /** The folder for everything that is written; beside the pictures without it. */
  readonly out?: string | undefined
  readonly recognise: RecognisePicture
}

export interface FoundPictures {
  /** In the order of the arguments, each folder's by name. */
  readonly pictures: readonly PictureFile[]
  readonly leftOut: readonly LeftOut[]
  /** Arguments and folders that cannot be read. */
  readonly failures: readonly Failure[]
  /** Archives stay open while their members are read. */
  close(): Promise<void>
}

const ARCHIVES: ReadonlyMap<string, (path: string) => Promise<Archive>> = new Map([
  ['.zip', openZip],
  ['.tar', openTar],
])

/** What img2dataset writes beside each shard, which makes a folder of shards one input. */
const SHARD_STATISTICS = '_stats.json'

export async function findPictures(
  paths: readonly string[],
  options: FindOptions,
): Promise<FoundPictures> {
  const found = createFindings()
  for (const path of paths) {
    try {
      await findOne(path, options, found)
    } catch (error) {
      found.failures.push({ label: path, error: toFlocapError(error) })
    }
  }
  return toFound(found)
}

/** Of files that were found in folders already, those that are pictures. */
export async function findPicturesAmong(
  files: readonly { readonly folder: string; readonly path: string }[],
  options: FindOptions,
): Promise<FoundPictures> {
  const found = createFindings()
  for (const { folder, path } of files) await addFromFolder(path, folder, options, found)
  return toFound(found)
}

function toFound({ pictures, leftOut, failures, archives }: Findings): FoundPictures {
  return {
    pictures: withoutRepeated(pictures),
    leftOut,
    failures,
    async close() {
      for (const archive of archives) await archive.close()
    },
  }
}

interface Findings {
  readonly pictures: PictureFile[]
  readonly leftOut: LeftOut[]
  readonly failures: Failure[]
  readonly archives: Archive[]
}

function createFindings(): Findings {
  return { pictures: [], leftOut: [], failures: [], archives: [] }
}

async function findOne(path: string, options: FindOptions, found: Findings): Promise<void> {
  if (path === STANDARD_INPUT) found.pictures.push(standardInput())
  else if (await isPattern(path)) await findMatches(path, options, found)
  else if (await isFolder(path)) await findInFolder(path, options, found)
  else if (ARCHIVES.has(extname(path).toLowerCase())) await findInArchive(path, options, found)
  else await findFile(path, options, found)
}

function standardInput(): PictureFile {
  return {
    label: STANDARD_INPUT,
    name: STANDARD_INPUT,
    output: '',
    stamp: async () => ({ size: 0, mtimeMs: 0 }),
    read: async () => buffer(process.stdin),
  }
}

/** A file that is named by itself may be called anything: what counts is its content. */
async function findFile(path: string, { out }: FindOptions, found: Findings): Promise<void> {
  await assertPictureFile(path, path)
  const output = out ?? dirname(path)
  found.pictures.push(pictureOnDisk(path, { label: path, name: basename(path), output }))
}

async function findMatches(path: string, options: FindOptions, found: Findings): Promise<void> {
  const { base, paths } = await expandPattern(path)
  if (paths.length === 0) {
    throw new FlocapError('missing_image', 'No file has a name that fits this pattern.', {
      subject: path,
      hint: '* stands for a part of a name, ** for folders inside folders.',
    })
  }
  for (const file of paths) await addFromFolder(file, base, options, found)
}

async function findInFolder(folder: string, options: FindOptions, found: Findings): Promise<void> {
  for await (const entry of walkFolder(folder, options)) {
    if (entry.kind === 'file') await addFromFolder(entry.path, folder, options, found)
    else if (entry.kind === 'unreadable') {
      found.failures.push({ label: entry.path, error: entry.error })
    } else {
      const reason = 'a link to a folder whose pictures come under another name'
      found.leftOut.push({ label: entry.path, kind: 'link', reason })
    }
  }
}

async function addFromFolder(
  path: string,
  folder: string,
  options: FindOptions,
  found: Findings,
): Promise<void> {
  const ending = extname(path).toLowerCase()
  if (ending === '.tar' && (await isFile(path.slice(0, -ending.length) + SHARD_STATISTICS))) {
    await findInArchive(path, options, found)
    return
  }
  try {
    const start = await readStart(path, SNIFFED_BYTES)
    const { kind, ...why } = classifyFile(basename(path), start, options.recognise)
    if (kind === 'picture') {
      const name = relative(resolve(folder), resolve(path)).replaceAll(sep, '/')
      found.pictures.push(pictureOnDisk(path, { label: path, name, output: options.out ?? folder }))
    }
    if ('counted' in why) {
      found.leftOut.push({ label: path, kind: why.counted, reason: why.reason })
    }
  } catch (error) {
    found.failures.push({ label: path, error: readError(path, error) })
  }
}

async function findInArchive(path: string, options: FindOptions, found: Findings): Promise<void> {
  await assertFile(path)
  const open = ARCHIVES.get(extname(path).toLowerCase()) ?? openTar
  const archive = await open(path)
  found.archives.push(archive)
  const place = placeOfArchive(path, options.out)
  const { pictures, leftOut } = await findMembers(path, archive, place, options.recognise)
  found.pictures.push(...pictures)
  found.leftOut.push(...leftOut)
}

async function assertFile(path: string): Promise<void> {
  try {
    assertPlain(await stat(path))
  } catch (error) {
    throw readError(path, error)
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** A picture that two arguments name comes once. */
function withoutRepeated(pictures: readonly PictureFile[]): readonly PictureFile[] {
  const seen = new Set<string>()
  return pictures.filter(({ path, output, name, label }) => {
    const key = path === undefined ? label : `${resolve(path)}\n${join(output, name)}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
