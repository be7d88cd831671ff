// The files that a command line names: pictures one by one, folders with all pictures in them.
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { FlocapError } from '../../base/errors.ts'
import { NotPlainFile, readPlainFile } from '../../base/plain-files.ts'

/** The name of standard input. */
export const STANDARD_INPUT = '-'

/**
 * What a picture in a folder is called. A file that is named by itself may be called anything: what
 * counts is its content.
 */
const PICTURE_EXTENSIONS: ReadonlySet<string> = new Set([
  '.avif',
  '.bmp',
  '.gif',
  '.jfif',
  '.jpe',
  '.jpeg',
  '.jpg',
  '.png',
  '.tif',
  '.tiff',
  '.webp',
])

export interface FindOptions {
  /** Also the folders inside folders. */
  readonly recursive: boolean
}

/**
 * The pictures that a path means: itself, or those in the folder that it is, by name. Hidden files
 * are left out; links to folders are not followed, so that a folder which contains itself ends.
 * @throws FlocapError `missing_image` for a folder without pictures or one that cannot be read.
 */
export async function findPictures(path: string, options: FindOptions): Promise<readonly string[]> {
  if (path === STANDARD_INPUT || !(await isFolder(path))) return [path]
  const found = await listPictures(path, options)
  if (found.length > 0) return found
  throw new FlocapError('missing_image', 'No pictures are in this folder.', {
    subject: path,
    hint: options.recursive
      ? `Pictures there are called ${[...PICTURE_EXTENSIONS].join(', ')}.`
      : 'Folders inside it are looked into with --recursive.',
  })
}

async function listPictures(folder: string, options: FindOptions): Promise<readonly string[]> {
  const found: string[] = []
  for (const entry of await readFolder(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (options.recursive) found.push(...(await listPictures(path, options)))
    } else if (PICTURE_EXTENSIONS.has(extname(entry.name).toLowerCase())) {
      // A link to a picture is one; a link to a folder of such a name is none.
      if (entry.isFile() || !(await isFolder(path))) found.push(path)
    }
  }
  return found
}

async function readFolder(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .filter(({ name }) => !name.startsWith('.'))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch (cause) {
    throw new FlocapError('missing_image', 'The folder cannot be read.', {
      subject: folder,
      hint: 'Check whether you may read it.',
      cause,
    })
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    // Reading it will say what is wrong with it.
    return false
  }
}

/** @throws FlocapError `missing_image` when the file cannot be read. */
export async function readPicture(file: string): Promise<Uint8Array> {
  if (file === STANDARD_INPUT) return buffer(process.stdin)
  try {
    return await readPlainFile(file)
  } catch (cause) {
    if (cause instanceof NotPlainFile) {
      throw new FlocapError('missing_image', `Expected a picture file, got ${cause.found}.`, {
        subject: file,
        hint: 'Name a file; a picture from another program can come through standard input: -',
        cause,
      })
    }
    throw new FlocapError('missing_image', 'The file cannot be read.', {
      subject: file,
      hint: 'Check its name and whether you may read it.',
      cause,
    })
  }
}
