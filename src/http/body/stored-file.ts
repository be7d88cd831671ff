// A picture that was uploaded before (POST /v1/files), named where its data or its address would stand.
import type { Batches } from '../../batches/batches.ts'
import { FlocapError } from '../../base/errors.ts'
import type { BodyShare } from './read-body.ts'

const SCHEME = 'file:'

/** What stands for a stored file where a source is expected: `file:file-abc`. */
export function toStoredFile(id: string): string {
  return `${SCHEME}${id}`
}

/** The id; undefined for other sources, and for `file:///home/...`, which is a path. */
export function storedFileOf(source: string): string | undefined {
  const isStored = source.startsWith(SCHEME) && !source.startsWith(`${SCHEME}/`)
  return isStored ? source.slice(SCHEME.length) : undefined
}

export interface StoredFileOptions {
  readonly batches: Batches | undefined
  readonly owner: () => string
  readonly share: Pick<BodyShare, 'take'>
  /** Of one picture. */
  readonly maxBytes: number
}

/** @throws FlocapError invalid_request without a store, image_file_not_found, image_file_too_large. */
export async function readStoredFile(
  id: string,
  field: string,
  { batches, owner, share, maxBytes }: StoredFileOptions,
): Promise<Uint8Array> {
  if (batches === undefined) {
    throw new FlocapError(
      'invalid_request',
      `Expected the data of a file in '${field}', got a reference to one: this FloCap stores no files.`,
      { hint: 'Put the file itself there as a data URL.', subject: field },
    )
  }
  const files = await batches.files()
  const { bytes } = await files.get(owner(), id).catch((error: unknown) => {
    if (!(error instanceof FlocapError) || error.code !== 'not_found') throw error
    const { hint, message } = error
    const options = { subject: field, cause: error, ...(hint === undefined ? {} : { hint }) }
    throw new FlocapError('image_file_not_found', message, options)
  })
  if (bytes > maxBytes) {
    throw new FlocapError(
      'image_file_too_large',
      `Expected a picture of at most ${maxBytes} bytes in '${field}', got ${bytes}.`,
      { subject: field },
    )
  }
  share.take(bytes)
  return files.read(owner(), id)
}
