// Room on a disk, asked for before something large is written.
import { statfs } from 'node:fs/promises'
import { FlocapError } from './errors.ts'
import { formatBytes } from './format-bytes.ts'

/** Left free on purpose: a system disk that is full to the last byte troubles everything else. */
const SPARE_BYTES = 64 * 1024 * 1024

/** Free bytes for an ordinary user on the disk of `path`; undefined when it cannot be told. */
export async function freeBytesOf(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch {
    // Some network disks do not say; then a full disk shows when it is full.
    return undefined
  }
}

export interface Room {
  /** What is going to be written, as the subject of a sentence. */
  readonly what: string
  readonly folder: string
  readonly bytes: number
  /** As of `freeBytesOf` the folder. */
  readonly free: number | undefined
}

/** @throws FlocapError `disk_full` when less than `bytes` and a reserve is free. */
export function assertRoom({ what, folder, bytes, free }: Room): void {
  if (free === undefined || free >= bytes + SPARE_BYTES) return
  throw new FlocapError(
    'disk_full',
    `${what} needs ${formatBytes(bytes)} and ${formatBytes(SPARE_BYTES)} of reserve; ` +
      `${formatBytes(free)} are free.`,
    {
      subject: folder,
      hint: `Free some space on the disk of ${folder}, or give another folder with --home.`,
    },
  )
}
