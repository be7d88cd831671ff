// The few things of the file system that differ between machines, and that tests replace.
import { type FileHandle, lstat, open, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBytes } from '../base/format-bytes.ts'
import { systemCode } from '../base/system-errors.ts'
import { storeError } from './failures.ts'

/** Left free on purpose: a system disk that is full to the last byte troubles everything else. */
const SPARE_BYTES = 64 * 1024 * 1024
const FULL_CODES = new Set(['ENOSPC', 'EDQUOT'])

export interface StoreFileSystem {
  /** Free bytes for an ordinary user on the disk of `path`; undefined when it cannot be told. */
  freeBytes(path: string): Promise<number | undefined>
  open(path: string, flags: string): Promise<FileHandle>
}

export const nodeFileSystem: StoreFileSystem = {
  async freeBytes(path) {
    try {
      const { bavail, bsize } = await statfs(path)
      return bavail * bsize
    } catch {
      // Some network disks do not say; then a full disk shows when it is full.
      return undefined
    }
  },
  open: (path, flags) => open(path, flags),
}

/** @throws FlocapError when less than `bytes` and a reserve is free. */
export async function assertFreeSpace(
  fileSystem: StoreFileSystem,
  folder: string,
  bytes: number,
): Promise<void> {
  const free = await fileSystem.freeBytes(folder)
  if (free === undefined || free >= bytes + SPARE_BYTES) return
  throw storeError(
    'space',
    `The download needs ${formatBytes(bytes)} and ${formatBytes(SPARE_BYTES)} of reserve; ` +
      `${formatBytes(free)} are free.`,
    { hint: `Free some space, or choose another folder than ${folder}.` },
  )
}

/** A failed write as a FlocapError where the disk is full; other errors as they are. */
export function toDiskError(error: unknown, folder: string): unknown {
  if (!FULL_CODES.has(systemCode(error) ?? '')) return error
  return storeError('space', 'The disk became full during the download.', {
    hint: `Free some space in ${folder} and try again: what has arrived so far is kept.`,
    cause: error,
  })
}

/** Bytes of all files below a folder, links not followed; 0 when it is not there. */
export async function measureFolder(folder: string): Promise<number> {
  let bytes = 0
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (!entry.isFile()) continue
    bytes += await lstat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    )
  }
  return bytes
}
