// The few things of the file system that differ between machines, and that tests replace.
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { assertRoom, freeBytesOf } from '../base/disk-space.ts'

export interface StoreFileSystem {
  /** Free bytes for an ordinary user on the disk of `path`; undefined when it cannot be told. */
  freeBytes(path: string): Promise<number | undefined>
  open(path: string, flags: string): Promise<FileHandle>
}

export const nodeFileSystem: StoreFileSystem = {
  freeBytes: freeBytesOf,
  open: (path, flags) => open(path, flags),
}

/** @throws FlocapError when less than `bytes` and a reserve is free. */
export async function assertFreeSpace(
  fileSystem: StoreFileSystem,
  folder: string,
  bytes: number,
): Promise<void> {
  assertRoom({ what: 'The download', folder, bytes, free: await fileSystem.freeBytes(folder) })
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
