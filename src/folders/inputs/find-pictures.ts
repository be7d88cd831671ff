// The pictures that the arguments of a command mean: files, folders, patterns, archives, and standard
// input, each with the place where its captions go.
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { FlocapError, toFlocapError } from '../../base/errors.ts'
import { readError } from '../../base/file-errors.ts'
import { SNIFFED_BYTES } from '../ports.ts'
import { classifyFile } from './classify.ts'
import {
  findInArchive,
  findInArchivesOf,
  findInMatches,
  isArchiveName,
} from './find-in-archives.ts'
import { createFindings, type Findings, type FindOptions, withoutRepeated } from './findings.ts'
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
import { walkFolder } from './walk-folder.ts'

/** The name of standard input. */
export const STANDARD_INPUT = '-'

export interface FoundPictures {
  /** In the order of the arguments, each folder's by name, those in its archives last. */
  readonly pictures: readonly PictureFile[]
  readonly leftOut: readonly LeftOut[]
  /** Arguments and folders that cannot be read. */
  readonly failures: readonly Failure[]
  /** Archives stay open while their members are read. */
  close(): Promise<void>
}

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

/** Of files that were found in folders already, those that are pictures, and img2dataset's shards. */
export async function findPicturesAmong(
  files: readonly { readonly folder: string; readonly path: string }[],
  options: FindOptions,
): Promise<FoundPictures> {
  const found = createFindings()
  for (const { folder, path } of files) {
    if (isArchiveName(path)) await findInArchivesOf(folder, [path], options, found)
    else await addFromFolder(path, folder, options, found)
  }
  return toFound(found)
}

function toFound({ pictures, leftOut, failures, archives }: Findings): FoundPictures {
  return {
    pictures: withoutRepeated(pictures),
    leftOut,
    failures,
    async close() {
      for (const archive of archives.values()) await archive.close()
    },
  }
}

async function findOne(path: string, options: FindOptions, found: Findings): Promise<void> {
  if (path === STANDARD_INPUT) found.pictures.push(standardInput())
  else if (await isPattern(path)) await findMatches(path, options, found)
  else if (await isFolder(path)) await findInFolder(path, options, found)
  else if (isArchiveName(path)) await findInArchive(path, options, found)
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
  for (const file of paths) {
    if (!isArchiveName(file)) await addFromFolder(file, base, options, found)
  }
  await findInMatches(paths.filter(isArchiveName), base, options, found)
}

async function findInFolder(folder: string, options: FindOptions, found: Findings): Promise<void> {
  const archives: string[] = []
  for await (const entry of walkFolder(folder, options)) {
    if (entry.kind === 'file' && isArchiveName(entry.path)) archives.push(entry.path)
    else if (entry.kind === 'file') await addFromFolder(entry.path, folder, options, found)
    else if (entry.kind === 'unreadable') {
      found.failures.push({ label: entry.path, error: entry.error })
    } else if (entry.kind === 'special') {
      found.leftOut.push({ label: entry.path, kind: 'no file', reason: entry.reason })
    } else {
      const reason = 'a link to a folder whose pictures come under another name'
      found.leftOut.push({ label: entry.path, kind: 'link', reason })
    }
  }
  await findInArchivesOf(folder, archives, options, found)
}

async function addFromFolder(
  path: string,
  folder: string,
  options: FindOptions,
  found: Findings,
): Promise<void> {
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
