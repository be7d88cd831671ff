// POST /v1/files: a form whose file goes to the disk while it arrives, so that no memory grows with it.
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import { FlocapError } from '../../../base/errors.ts'
import { defaultExpiry, type FileStore, type NewFile } from '../../../batches/file-store.ts'
import type { FileObject } from '../../../batches/objects.ts'
import { parseFields } from '../../body/json.ts'
import { readChunks } from '../../body/read-body.ts'
import { UploadFields } from './schema.ts'

/** The parser cuts what is longer, and says so: then the form is refused. */
const LIMITS = { fieldNameSize: 100, fieldSize: 1024, fields: 16, files: 2, headerPairs: 16 }

/** What a part may say of its encoding; RFC 7578 has none, and a file in another would be kept encoded. */
const AS_IT_IS: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary'])

/** Longer names belong to no file system. */
const MAX_FILE_NAME = 1_000

/** What a form needs around its file. */
const FORM_BYTES = 64 * 1024

export interface UploadLimits {
  readonly maxFileBytes: number
  /** Of a picture: it is read as a whole. */
  readonly maxPictureBytes: number
  readonly bodyIdleMs: number
}

/** @throws FlocapError for what is no such form, too large or too slow; nothing is kept then. */
export async function receiveUpload(
  request: Request,
  owner: string,
  files: FileStore,
  limits: UploadLimits,
): Promise<FileObject> {
  assertAnnounced(request, limits)
  const form = openForm(request.headers.get('content-type') ?? '')
  const fields = new Map<string, string>()
  let content: BusboyFileStream | undefined
  let stored: Promise<FileObject> | undefined
  let finish: (() => void) | undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const fail = (error: Error): void => void form.destroy(error)

  form.on('file', (name, stream, filename, encoding) => {
    stream.on('error', () => undefined)
    if (name !== 'file' || content !== undefined) {
      stream.resume()
      fail(broken(`Expected one file, in the field file, got a file in ${JSON.stringify(name)}.`))
      return
    }
    if (!AS_IT_IS.has(encoding.toLowerCase())) {
      stream.resume()
      fail(
        broken(`Expected the file as it is, got it in ${JSON.stringify(encoding.slice(0, 40))}.`),
      )
      return
    }
    content = stream
    stored = files.add(owner, stream, async (bytes) => {
      await finished
      return describe(fields, filename, bytes, limits)
    })
    stored.catch(fail)
  })
  form.on('field', (name, value, nameTruncated, valueTruncated) => {
    if (nameTruncated || valueTruncated) {
      fail(broken(`The field ${JSON.stringify(name.slice(0, 40))} is too long.`))
    } else if (fields.has(name)) {
      fail(broken(`Expected one value for ${JSON.stringify(name)}, got more.`))
    } else {
      fields.set(name, value)
    }
  })
  for (const limit of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const) {
    form.on(limit, () => fail(broken('The form has too many parts.')))
  }

  try {
    await pipeline(readChunks(request, limits), form)
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error))
    content?.destroy(failure)
    await stored?.catch(() => undefined)
    if (failure instanceof FlocapError) throw failure
    throw broken(`The form of the request cannot be read: ${failure.message}.`, failure)
  }
  finish?.()
  if (stored === undefined) {
    throw broken('Expected a file in the field file of the form, got none.', undefined, 'file')
  }
  return stored
}

function describe(
  fields: ReadonlyMap<string, string>,
  filename: string | undefined,
  bytes: number,
  { maxPictureBytes }: UploadLimits,
): NewFile {
  const read = parseFields(UploadFields, Object.fromEntries(fields))
  const says = [...fields.keys()].find((name) => name.startsWith('expires_after'))
  if (says !== undefined && read['expires_after[seconds]'] === undefined) {
    throw broken(
      `Expected whole seconds in the field expires_after[seconds], got ${says} alone.`,
      undefined,
      'expires_after[seconds]',
    )
  }
  if ((filename?.length ?? 0) > MAX_FILE_NAME) throw broken('The name of the file is too long.')
  if (read.purpose !== 'batch' && bytes > maxPictureBytes) {
    throw new FlocapError(
      'body_too_large',
      `Expected a picture of at most ${maxPictureBytes} bytes, got ${bytes}.`,
      { subject: 'file', hint: 'Start FloCap with a larger --max-body-mb.' },
    )
  }
  return {
    filename: filename ?? 'file',
    purpose: read.purpose,
    expiresAfter: read['expires_after[seconds]'] ?? defaultExpiry(read.purpose),
  }
}

/** Before any of it is read. */
function assertAnnounced(request: Request, { maxFileBytes }: UploadLimits): void {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced <= maxFileBytes + FORM_BYTES) return
  throw new FlocapError(
    'body_too_large',
    `Expected a file of at most ${maxFileBytes} bytes, got a request of ${announced}.`,
    {
      subject: 'file',
      hint: 'Send it in parts, or start FloCap with a larger --batch-file-mb.',
    },
  )
}

function openForm(contentType: string) {
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS })
  } catch (error) {
    throw broken('Expected a form with a file, as multipart/form-data.', error)
  }
}

function broken(message: string, cause?: unknown, subject?: string): FlocapError {
  return new FlocapError('invalid_request', message, {
    hint: 'Send multipart/form-data with the fields purpose and file.',
    ...(subject === undefined ? {} : { subject }),
    ...(cause === undefined ? {} : { cause }),
  })
}
