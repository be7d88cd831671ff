// A picture's caption on disk: one text file beside it, read whole, and replaced or removed whole.
import { lstat, rm } from 'node:fs/promises'
import { NotPlainFile, readPlainFile } from '../../base/plain-files.ts'
import { fileError, readError } from '../../base/file-errors.ts'
import { formatBytes } from '../../base/format-bytes.ts'
import { replaceFile } from '../../base/replace-file.ts'
import { systemCode } from '../../base/system-errors.ts'
import { sha256 } from '../run/keys.ts'

export interface CaptionText {
  /** Undefined for no file, and for one with nothing in it. */
  readonly text: string | undefined
  /** SHA-256 of the file; null for none. */
  readonly digest: string | null
  /** Why it cannot be edited here. */
  readonly readOnly?: string
}

/** Longer than any caption: a log that happens to lie beside a picture. */
const MAX_CAPTION_BYTES = 64 * 1024

/** @throws FlocapError when it is there and cannot be read. */
export async function readCaption(path: string): Promise<CaptionText> {
  try {
    const found = await lstat(path)
    if (found.isSymbolicLink()) return unreadable('it is a symbolic link')
    if (found.size > MAX_CAPTION_BYTES) {
      return unreadable(`it is longer than ${formatBytes(MAX_CAPTION_BYTES)}`)
    }
    const content = await readPlainFile(path)
    const digest = sha256(content)
    const text = decode(content)
    if (text === undefined) return { text: undefined, digest, readOnly: 'it is not UTF-8 text' }
    return { text: text === '' ? undefined : text, digest }
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return { text: undefined, digest: null }
    // One file that is none must not keep a person from all the others.
    if (error instanceof NotPlainFile) return unreadable(`it is ${error.found}`)
    if (code === 'EACCES' || code === 'EPERM') return unreadable('it may not be read')
    throw readError(path, error)
  }
}

function unreadable(readOnly: string): CaptionText {
  return { text: undefined, digest: null, readOnly }
}

/** Without the mark at its start and white space around it; undefined unless it is UTF-8. */
function decode(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content).trim()
  } catch {
    return undefined
  }
}

/** @param text undefined removes the file. @throws FlocapError. */
export async function writeCaption(path: string, text: string | undefined): Promise<void> {
  if (text !== undefined) return replaceFile(path, contentOf(text))
  try {
    await rm(path, { force: true })
  } catch (error) {
    throw fileError(path, error)
  }
}

/** SHA-256 of the file that `writeCaption` leaves; null for none. */
export function captionDigest(text: string | undefined): string | null {
  return text === undefined ? null : sha256(contentOf(text))
}

function contentOf(text: string): string {
  return `${text}\n`
}

/**
 * As trainers read it: one line, unless the file has several on purpose. Undefined for nothing.
 * @param before the caption that it replaces.
 */
export function tidyCaption(text: string | null, before: string | null): string | undefined {
  const hasLines = before?.includes('\n') === true
  const lines = (text ?? '').split(/\r\n|[\r\n\u2028\u2029]/).map((line) => line.trim())
  const tidy = lines.filter((line) => line !== '').join(hasLines ? '\n' : ' ')
  return tidy === '' ? undefined : tidy
}
