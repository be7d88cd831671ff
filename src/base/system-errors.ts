// What the operating system's errors mean: their codes, and which of them say that a disk is full.
import { FlocapError } from './errors.ts'
import { formatBytes } from './format-bytes.ts'

/** A disk, or the user's share of it, has no room. */
const FULL = new Set(['ENOSPC', 'EDQUOT'])
const READ_ONLY = 'EROFS'

/** The code of an error of the file system or the network, such as ENOENT; undefined for others. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Certificates that Node cannot check do not get better by trying again. */
const CERTIFICATE_CODES =
  /^(?:CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ERR_TLS)/

/** What helps where `isCertificateCode`. */
export const CERTIFICATE_HINT =
  'If your network replaces certificates, name its own with NODE_EXTRA_CA_CERTS.'

/** Whether a code is that of a certificate which Node does not accept. */
export function isCertificateCode(code: string): boolean {
  return CERTIFICATE_CODES.test(code)
}

export interface DiskWork {
  /** What was being written, as the subject of a sentence: `Compiling the model`. */
  readonly what: string
  /** The folder or file on the disk in question. */
  readonly path: string
  /** What all of it needs, where that is known. */
  readonly bytes?: number | undefined
  /** What else could help, one sentence. */
  readonly hint?: string
}

/**
 * A failed write as a `disk_full` that names path and need, where the disk is full or takes no
 * writes; any other error as it is.
 */
export function toDiskError(error: unknown, { what, path, bytes, hint }: DiskWork): unknown {
  const code = systemCode(error) ?? ''
  const isReadOnly = code === READ_ONLY
  if (!isReadOnly && !FULL.has(code)) return error
  const need = bytes === undefined ? '' : ` It needs ${formatBytes(bytes)}.`
  const why = isReadOnly ? 'the disk is mounted read-only' : 'the disk is full'
  const cure = isReadOnly ? `Make ${path} writable` : `Free some space on the disk of ${path}`
  return new FlocapError('disk_full', `${what} failed: ${why} (${code}).${need}`, {
    subject: path,
    hint: `${cure}, or choose another place.${hint === undefined ? '' : ` ${hint}`}`,
    cause: error,
  })
}
