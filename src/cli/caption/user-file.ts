// Files that the command line writes beside the user's own: sidecars and drawings.
import { FlocapError } from '../../base/errors.ts'
import { NotPlainFile, writePlainFile } from '../../base/plain-files.ts'
import { systemCode, toDiskError } from '../../base/system-errors.ts'

/**
 * Writes the file as a whole, never through a symbolic link.
 *
 * @throws FlocapError `invalid_request` naming what is in the way, `disk_full` naming path and need.
 */
export async function writeUserFile(file: string, content: string | Uint8Array): Promise<void> {
  try {
    await writePlainFile(file, content)
  } catch (error) {
    if (error instanceof NotPlainFile) {
      throw new FlocapError(
        'invalid_request',
        `${file} is ${error.found}, and is not written to.`,
        {
          subject: file,
          hint: 'Remove it, or give another place.',
          cause: error,
        },
      )
    }
    const bytes = Buffer.byteLength(content)
    const failure = toDiskError(error, { what: `Writing ${file}`, path: file, bytes })
    const code = systemCode(failure)
    if (code === undefined) throw failure
    throw new FlocapError('invalid_request', `${file} cannot be written (${code}).`, {
      subject: file,
      hint: 'Check that its folder exists and that you may write there.',
      cause: error,
    })
  }
}
