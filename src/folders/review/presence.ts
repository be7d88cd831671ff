// Two reviews of one folder at once: both may work, since neither overwrites what it has not read, and
// the second one says so.
import { mkdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type FolderLock, tryLock } from '../journal/folder-lock.ts'
import { JOURNAL_FOLDER } from '../journal/open-place.ts'

const FILE = 'review-lock'

export interface Presence {
  /** The process that reviews the folder already. */
  readonly other: number | undefined
  /** Whether the folder takes writes. */
  readonly isWritable: boolean
  leave(): Promise<void>
}

/** Never fails: a folder that cannot be written to can be read all the same. */
export async function announceReview(folder: string): Promise<Presence> {
  const path = join(folder, JOURNAL_FOLDER, FILE)
  let lock: FolderLock
  try {
    await mkdir(dirname(path), { recursive: true })
    lock = await tryLock(path)
  } catch {
    return { other: undefined, isWritable: false, leave: async () => undefined }
  }
  return {
    other: lock.heldBy,
    isWritable: true,
    async leave() {
      if (lock.heldBy !== undefined) return
      await rm(path, { force: true })
      // Looking alone leaves nothing behind.
      await rmdir(dirname(path)).catch(() => undefined)
    },
  }
}
