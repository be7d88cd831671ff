// A file of captions that may be missing, and that is written afterwards.
import { fileError } from '../../base/file-errors.ts'
import { readPlainFile } from '../../base/plain-files.ts'
import { systemCode } from '../../base/system-errors.ts'

/** Undefined when there is none. @throws FlocapError `file_not_written` when something else is there. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readPlainFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw fileError(path, error)
  }
}
