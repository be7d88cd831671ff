// A picture that was found: on disk, in an archive, or on standard input.
import { open, stat } from 'node:fs/promises'
import { FlocapError } from '../../base/errors.ts'
import { readError } from '../../base/file-errors.ts'
import { formatBytes } from '../../base/format-bytes.ts'
import { assertPlain, readPlainFile } from '../../base/plain-files.ts'

/** Tells without reading whether a file has changed. */
export interface Stamp {
  readonly size: number
  readonly mtimeMs: number
}

export interface PictureFile {
  /** As people know it: the path that they gave, or that of the archive with the member behind it. */
  readonly label: string
  /** Within its output folder, with `/`: what files and rows are called by. */
  readonly name: string
  /** The folder that gets the journal and the files about all pictures. */
  readonly output: string
  /** Where it lies on disk; absent in archives and on standard input. */
  readonly path?: string
  /** The archive that it is a member of. */
  readonly archive?: string
  readonly stamp: () => Promise<Stamp>
  /** @throws FlocapError `missing_image` when it cannot be read. */
  readonly read: () => Promise<Uint8Array>
}

/** A file that is no picture for FloCap, and why. */
export interface LeftOut {
  readonly label: string
  /** What it is counted as: its ending, or what its bytes are. */
  readonly kind: string
  readonly reason: string
}

export interface Failure {
  readonly label: string
  readonly error: FlocapError
}

/** No photograph is as large; a disk image that was named by mistake would fill the memory. */
export const MAX_PICTURE_BYTES = 1_000_000_000

/** @param path also where it lies. */
export function pictureOnDisk(
  path: string,
  { label, name, output }: Pick<PictureFile, 'label' | 'name' | 'output'>,
): PictureFile {
  return {
    label,
    name,
    output,
    path,
    async stamp() {
      const { size, mtimeMs } = await stat(path)
      return { size, mtimeMs }
    },
    read: async () => readPictureFile(path, label),
  }
}

/** @throws FlocapError `missing_image` or `image_too_large`. */
export async function readPictureFile(path: string, label: string): Promise<Uint8Array> {
  await assertPictureFile(path, label)
  try {
    return await readPlainFile(path)
  } catch (error) {
    throw readError(label, error)
  }
}

/**
 * A pipe would be waited for without end, a device read without end.
 * @throws FlocapError `missing_image` or `image_too_large`.
 */
export async function assertPictureFile(path: string, label: string): Promise<void> {
  let size: number
  try {
    const found = await stat(path)
    assertPlain(found)
    size = found.size
  } catch (error) {
    throw readError(label, error)
  }
  if (size <= MAX_PICTURE_BYTES) return
  throw new FlocapError(
    'image_too_large',
    `Expected a picture of at most ${formatBytes(MAX_PICTURE_BYTES)}, got ${formatBytes(size)}.`,
    { subject: label },
  )
}

/** The first bytes of a file. @throws the system's error when it cannot be read. */
export async function readStart(path: string, bytes: number): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.alloc(bytes)
    const { bytesRead } = await file.read(buffer, 0, bytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
