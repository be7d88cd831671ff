// Folders with their parents, and the real reason where they cannot be made.
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from './system-errors.ts'

/**
 * As `mkdir -p`. Node itself says ENOENT where a disk is full or takes no writes.
 *
 * @throws what the file system says of the first folder that could not be made.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await mkdir(path)
  }
}
