// The folders whose pictures agents may name by path, and the one way into them.
//
// An agent passes on paths that it has read somewhere, so a path is somebody else's text. What
// decides is where a file really is: both the folder and the file are followed through every link, and
// once the file is open its place is asked again, because what a name means can change in between.
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readlink, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import { readError } from '../../base/file-errors.ts'
import { formatBytes } from '../../base/format-bytes.ts'
import { assertPlain } from '../../base/plain-files.ts'
import { systemCode } from '../../base/system-errors.ts'
import { assertOrdinaryPath } from './path-text.ts'

/** Enough to tell every format that the decoder reads. */
const START_BYTES = 1024

/** A place below no folder. */
const NOWHERE = sep

export interface PictureFolders {
  /** As they were named; none means that no path is read. */
  readonly named: readonly string[]
  /**
   * @param path as the agent wrote it.
   * @param field where it stands in the arguments, for messages.
   * @throws FlocapError `image_path_not_allowed`, `missing_image`, `image_too_large` or
   *   `unsupported_image_format`. None tells what a file holds, or whether there is one outside.
   */
  read(path: string, field: string): Promise<Uint8Array>
}

export interface PictureFoldersOptions {
  readonly maxBytes: number
  /** Whether the first bytes of a file are those of a picture. */
  readonly isPicture: (start: Uint8Array) => boolean
  /** Opens a file by its real path; tests come in between here. */
  readonly openFile?: (path: string) => Promise<FileHandle>
}

/** @throws FlocapError `invalid_setting` for a root that is no folder. */
export async function openPictureFolders(
  named: readonly string[],
  { maxBytes, isPicture, openFile = openWithoutWaiting }: PictureFoldersOptions,
): Promise<PictureFolders> {
  const roots = await Promise.all(named.map(async (folder) => openRoot(folder)))
  const isBelow = (path: string): boolean => roots.some((root) => liesBelow(root, path))

  async function openBelow(path: string, field: string): Promise<FileHandle> {
    const real = await realPlace(path)
    if (!isBelow(real)) throw outside(field)
    let handle: FileHandle
    try {
      handle = await openFile(await realpath(path).then((now) => assertSame(now, real, field)))
    } catch (error) {
      // A link that came after the look above is not followed.
      throw systemCode(error) === 'ELOOP' ? outside(field) : readError(field, error)
    }
    try {
      if (!isBelow(await placeOf(handle, real))) throw outside(field)
      return handle
    } catch (error) {
      await handle.close()
      throw readError(field, error)
    }
  }

  return {
    named,
    async read(path, field) {
      if (roots.length === 0) throw noFolders(field)
      assertOrdinaryPath(path, field)
      const handle = await openBelow(path, field)
      try {
        return await readPicture(handle, field, { maxBytes, isPicture })
      } finally {
        await handle.close()
      }
    },
  }
}

async function openRoot(folder: string): Promise<string> {
  try {
    const root = await realpath(resolve(folder))
    if ((await stat(root)).isDirectory()) return root
  } catch {
    // Said below.
  }
  throw new FlocapError('invalid_setting', `Expected a folder for --mcp-root, got ${folder}.`, {
    subject: '--mcp-root',
    hint: 'Name a folder that is there and that you may read.',
  })
}

/** Not the root itself, which is no picture. */
function liesBelow(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/**
 * Where a path really leads; for one that is not there, where its nearest folder really is. A link
 * that leads nowhere might lead anywhere.
 */
async function realPlace(path: string): Promise<string> {
  const missing: string[] = []
  for (let at = resolve(path); ; at = dirname(at)) {
    try {
      return join(await realpath(at), ...missing)
    } catch {
      const isThere = await lstat(at).then(
        (found) => found.isSymbolicLink(),
        () => false,
      )
      if (isThere || dirname(at) === at) return NOWHERE
      missing.unshift(basename(at))
    }
  }
}

function assertSame(now: string, before: string, field: string): string {
  if (now === before) return now
  throw outside(field)
}

/** The last part of the name is no link any more; a FIFO would be waited for. Windows has neither flag. */
async function openWithoutWaiting(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
}

/**
 * Where the open file is. Linux says it of the handle itself; elsewhere the file at the path must
 * still be the one that was opened.
 */
async function placeOf(handle: FileHandle, path: string): Promise<string> {
  if (process.platform === 'linux') {
    const place = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined)
    if (place !== undefined) return place
  }
  const [now, opened] = [await realpath(path), await handle.stat({ bigint: true })]
  const found = await stat(now, { bigint: true })
  return found.dev === opened.dev && found.ino === opened.ino ? now : NOWHERE
}

async function readPicture(
  handle: FileHandle,
  field: string,
  { maxBytes, isPicture }: PictureFoldersOptions,
): Promise<Uint8Array> {
  const found = await handle.stat()
  try {
    assertPlain(found)
  } catch (error) {
    throw readError(field, error)
  }
  if (found.size > maxBytes) throw tooLarge(found.size, maxBytes, field)
  if (found.size === 0) {
    throw new FlocapError('empty_image_file', `The file named in ${field} has no bytes.`, {
      subject: field,
    })
  }
  const bytes = Buffer.alloc(found.size)
  const start = await fill(handle, bytes.subarray(0, START_BYTES), 0)
  if (!isPicture(bytes.subarray(0, start))) {
    throw new FlocapError(
      'unsupported_image_format',
      `Expected a picture file for ${field}, got a file of another kind.`,
      { subject: field, hint: 'JPEG, PNG, WebP, GIF, AVIF, HEIC, JPEG XL, TIFF and BMP are read.' },
    )
  }
  const rest = start < START_BYTES ? 0 : await fill(handle, bytes.subarray(start), start)
  // One that was cut short meanwhile is for the decoder to refuse.
  return bytes.subarray(0, start + rest)
}

/** @returns how many bytes there were. */
async function fill(handle: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let done = 0
  while (done < buffer.byteLength) {
    const { bytesRead } = await handle.read(buffer, done, buffer.byteLength - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return done
}

function tooLarge(size: number, limit: number, field: string): FlocapError {
  return new FlocapError(
    'image_too_large',
    `Expected a file of at most ${formatBytes(limit)} for ${field}, got ${formatBytes(size)}.`,
    { subject: field, hint: 'Send a smaller copy, or raise --max-body-mb.' },
  )
}

function noFolders(field: string): FlocapError {
  return new FlocapError(
    'image_path_not_allowed',
    `Expected a data: URL for ${field}, got a path, and FloCap was given no folder to read from.`,
    {
      subject: field,
      hint: 'Start FloCap with --mcp-root and the folder that holds the pictures, or send the picture itself.',
    },
  )
}

function outside(field: string): FlocapError {
  return new FlocapError(
    'image_path_not_allowed',
    `Expected a path below a folder that FloCap may read for ${field}, got one outside.`,
    { subject: field, hint: 'Add the folder that holds the picture with --mcp-root.' },
  )
}
