// Files that outlive a power cut, and renames that Windows allows.
import { open, rename } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemCode } from './system-errors.ts'

/** Virus scanners open files that are new, and Windows does not rename what is open. */
const RENAME_ATTEMPTS = 8
const RENAME_PAUSE_MS = 50

/** Makes sure that the files outlive a power cut; together, so that the disk commits them at once. */
export async function syncFiles(paths: readonly string[]): Promise<void> {
  // Windows syncs only what is open for writing.
  await Promise.all(paths.map(async (path) => syncOpened(path, 'r+')))
}

/** The same for the names in a folder: a file that was renamed into it, above all. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; its file systems keep a journal of names.
  if (process.platform !== 'win32') await syncOpened(folder, 'r')
}

async function syncOpened(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Renames a file or folder, patiently on Windows. */
export async function renamePatiently(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(from, to)
      return
    } catch (error) {
      const isPassing = ['EPERM', 'EACCES', 'EBUSY'].includes(systemCode(error) ?? '')
      if (!isPassing || attempt >= RENAME_ATTEMPTS || process.platform !== 'win32') throw error
      await sleep(RENAME_PAUSE_MS * attempt)
    }
  }
}
