// A file that may be missing.
import { readError } from '../../base/file-errors.ts'
import { readPlainFile } from '../../base/plain-files.ts'
import { systemCode } from '../../base/system-errors.ts'

/** Undefined when there is none. @throws FlocapError when it cannot be read. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readPlainFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw readError(path, error)
  }
}
