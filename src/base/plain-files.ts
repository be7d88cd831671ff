// Files that a person named, or that lie in a folder of unknown origin: read and written as plain
// files, whatever else hides behind the name.
//
// A FIFO or a device would be read for ever, and a symbolic link in a folder from elsewhere would
// let whoever made it choose which of the user's files is overwritten.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { renamePatiently } from './durable-files.ts'

/** Names are at most 255 bytes; what is added to one must fit. */
const MAX_STEM = 200
/** Of a file that is there, its mode is kept; a new one gets what the user's umask leaves of this. */
const NEW_FILE_MODE = 0o666
/** The bits of a mode that say who may do what. */
export const PERMISSION_BITS = 0o777

/** What is at the path is something else than a plain file. */
export class NotPlainFile extends Error {
  override readonly name = 'NotPlainFile'
  /** Such as `a symbolic link`. */
  readonly found: string

  constructor(found: string) {
    super(`Expected a plain file, got ${found}.`)
    this.found = found
  }
}

/**
 * The bytes of a plain file; symbolic links to one are followed.
 *
 * @throws NotPlainFile for a folder, FIFO, socket or device, without waiting for what it would give;
 *   otherwise what the file system says.
 */
export async function readPlainFile(path: string): Promise<Uint8Array> {
  // Opening a FIFO waits for its writer unless it is told not to. Windows has neither.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    assertPlain(await handle.stat())
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

export interface WriteOptions {
  /** Write to where a symbolic link points; by default it is refused. */
  readonly followLinks?: boolean
}

/**
 * Writes a plain file as a whole: readers see the old content or the new one, and a write that fails
 * leaves the old one.
 *
 * @throws NotPlainFile when something else is there; otherwise what the file system says.
 */
export async function writePlainFile(
  path: string,
  content: string | Uint8Array,
  { followLinks = false }: WriteOptions = {},
): Promise<void> {
  const found = await (followLinks ? stat(path) : lstat(path)).catch(() => undefined)
  if (found) assertPlain(found)
  if (followLinks) return writeInPlace(path, content)
  const stem = basename(path).slice(0, MAX_STEM)
  const temporary = join(dirname(path), `.${stem}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    // `wx` never opens what is there, a link least of all.
    const mode = found ? found.mode & PERMISSION_BITS : NEW_FILE_MODE
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(content)
    } finally {
      await handle.close()
    }
    // Replaces a link that came meanwhile instead of following it.
    await renamePatiently(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function writeInPlace(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'w')
  try {
    await handle.writeFile(content)
  } finally {
    await handle.close()
  }
}

/** @throws NotPlainFile unless it is a file and nothing else. */
export function assertPlain(found: Awaited<ReturnType<typeof stat>>): void {
  if (found.isFile()) return
  throw new NotPlainFile(kindOf(found))
}

function kindOf(found: Awaited<ReturnType<typeof stat>>): string {
  if (found.isSymbolicLink()) return 'a symbolic link'
  if (found.isDirectory()) return 'a folder'
  if (found.isFIFO()) return 'a FIFO'
  if (found.isSocket()) return 'a socket'
  return 'a device'
}
