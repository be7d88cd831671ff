// Writes a file so that a reader, or the next run after a crash, finds the old content or the new
// one and never a part, even after a power cut: beside it first, flushed, then renamed over it. What a
// killed process leaves has a name that the next one finds, so that nothing gathers.
import { createHash } from 'node:crypto'
import { chmod, lstat, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileError } from './file-errors.ts'
import { assertPlain, PERMISSION_BITS } from './plain-files.ts'

/** Of a name's SHA-256: two files of one folder never share a file in progress. */
const NAME_DIGITS = 12

/**
 * Where the new content of `path` is written before it is renamed. The name is the same each time,
 * so that what a killed process leaves is replaced by the next one.
 */
function unfinishedPath(path: string): string {
  const digest = createHash('sha256').update(basename(path)).digest('hex')
  return join(dirname(path), `.flocap-${digest.slice(0, NAME_DIGITS)}`)
}

/**
 * @throws FlocapError `disk_full` or `file_not_written`, naming the file; it is as it was before.
 */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  await replaceFileBy(path, async (unfinished) => {
    const file = await open(unfinished, 'wx')
    try {
      await file.writeFile(content)
      await file.datasync()
    } finally {
      await file.close()
    }
  })
}

/**
 * As `replaceFile`, for content that is too large to be held: `write` makes the file at the path that
 * it gets, where there is none, and flushes it.
 */
export async function replaceFileBy(
  path: string,
  write: (unfinished: string) => Promise<void>,
): Promise<void> {
  const unfinished = unfinishedPath(path)
  try {
    const mode = await assertReplaceable(path)
    await rm(unfinished, { force: true })
    await write(unfinished)
    if (mode !== undefined) await chmod(unfinished, mode)
    await rename(unfinished, path)
    await flushFolder(dirname(path))
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw fileError(path, error)
  }
}

/**
 * A link may lead out of the folder that the user named: what is behind it stays as it is.
 * @returns the rights of the file that is there, which the new one gets.
 */
async function assertReplaceable(path: string): Promise<number | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (found !== undefined) assertPlain(found)
  return found === undefined ? undefined : found.mode & PERMISSION_BITS
}

/** So that the rename survives a power cut. Windows cannot open folders, and does this by itself. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch {
    // Some network file systems refuse it; the rename itself has happened.
  } finally {
    await handle.close()
  }
}
