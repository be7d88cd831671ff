// A second name for a file that never changes; a copy where the disk has no such thing.
import { copyFile, link, stat } from 'node:fs/promises'
import { systemCode } from '../base/system-errors.ts'

/** Said by file systems without hard links, and where there are too many of one file. */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV', 'EINVAL'])

/** @returns its bytes. @throws what the file system says. */
export async function linkOrCopy(from: string, to: string): Promise<number> {
  try {
    await link(from, to)
  } catch (error) {
    if (!NO_LINKS.has(systemCode(error) ?? '')) throw error
    await copyFile(from, to)
  }
  return (await stat(to)).size
}
