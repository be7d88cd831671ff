// What goes wrong on the server's disk, in words for the clients of a server: no path of it.
import { FlocapError } from '../base/errors.ts'
import { systemCode, toDiskError } from '../base/system-errors.ts'

const NAMING_PATHS: ReadonlySet<string> = new Set(['disk_full', 'file_not_written'])

/** @param what was being done, as the subject of a sentence: `Storing the file`. */
export function toStorageError(thrown: unknown, what: string): FlocapError {
  // Those of `replaceFile` name the file.
  const isNamed = thrown instanceof FlocapError && NAMING_PATHS.has(thrown.code)
  const error = isNamed ? (thrown.cause ?? thrown) : thrown
  if (error instanceof FlocapError) return error
  const code = systemCode(error)
  const isFull = toDiskError(error, { what, path: '' }) instanceof FlocapError
  if (isFull) {
    const why = code === 'EROFS' ? 'takes no writes' : 'is full'
    return new FlocapError(
      'disk_full',
      `${what} failed: the disk of the server ${why} (${code}).`,
      {
        hint: 'Delete files that are no longer needed (DELETE /v1/files/ID), or free some space there.',
        cause: error,
      },
    )
  }
  return new FlocapError(
    'file_not_written',
    `${what} failed${code === undefined ? '' : `: ${code}`}.`,
    {
      hint: 'The log of the server has the details.',
      cause: error,
    },
  )
}
