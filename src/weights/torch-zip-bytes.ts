// Random access to the bytes of a PyTorch file, and the one kind of error its readers throw.
import { fstatSync, readSync } from 'node:fs'
import { FlocapError } from '../base/errors.ts'

/** Node reads at most 2 GiB in one call. */
const MAX_READ_BYTES = 1024 * 1024 * 1024

/** A file, or in tests a stand-in for one that is too large to write. */
export interface ByteSource {
  /** What messages call it: the file's name without its folder. */
  readonly name: string
  readonly size: number
  /**
   * Exactly `length` bytes from `offset`, in memory of their own.
   * @throws FlocapError `invalid_model` where the file ends before.
   */
  read(offset: number, length: number): Uint8Array
}

/** The file cannot be used; `problem` goes on from its name: "x.bin is not usable: it has ...". */
export function refuseFile(
  source: { readonly name: string },
  problem: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): FlocapError {
  return new FlocapError(
    'invalid_model',
    `${source.name} is not a usable PyTorch file: ${problem}.`,
    {
      subject: source.name,
      hint: 'The file may be damaged or half downloaded: fetch it again.',
      ...options,
    },
  )
}

export function createByteSource(file: number, name: string): ByteSource {
  const { size } = fstatSync(file)
  return {
    name,
    size,
    read(offset, length) {
      if (!isRangeInside(offset, length, size)) {
        throw refuseFile({ name }, `it ends before the ${length} bytes at ${offset}`)
      }
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        const step = Math.min(length - filled, MAX_READ_BYTES)
        const bytesRead = readSync(file, bytes, filled, step, offset + filled)
        if (bytesRead === 0) throw refuseFile({ name }, 'it became shorter while it was read')
        filled += bytesRead
      }
      return bytes
    },
  }
}

/** Whether `length` bytes from `offset` lie within a file of `size` bytes. */
export function isRangeInside(offset: number, length: number, size: number): boolean {
  return (
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset <= size &&
    length <= size - offset
  )
}
