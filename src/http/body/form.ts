// multipart/form-data (RFC 7578) with a limit on everything that can be repeated.
//
// Written here since a limit must refuse: parsers for streams, and the platform's own, skip parts that
// they do not understand, cut long values off, or read a million parts before they can be counted. The
// body is bounded and in memory; parts are found in it one by one, and the first that is one too many
// ends the work.
import { FlocapError } from '../../base/errors.ts'
import { giveWay } from '../../base/give-way.ts'

export interface FormPart {
  readonly name: string
  /** Of a file; undefined for a plain value. */
  readonly fileName: string | undefined
  /** A view of the body. */
  readonly bytes: Uint8Array
}

/** A part for each picture that a user may allow, and one for each field. */
const MAX_PARTS = 512

/** A file name of some hundred letters, each percent-encoded, and a type. */
const MAX_PART_HEADER_BYTES = 4 * 1024

/** Longer names belong to no field and to no file system. */
const MAX_NAME_CHARACTERS = 1_000

/** RFC 2046, section 5.1.1. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/

/** What is looked through in about a millisecond. */
const WINDOW_BYTES = 1024 * 1024

/** Reading many small parts takes as long as one large one. */
const PARTS_AT_ONCE = 64

const LINE_END = Buffer.from('\r\n')
const HEADER_END = Buffer.from('\r\n\r\n')

export function isForm(contentType: string): boolean {
  return /^multipart\/form-data\b/i.test(contentType)
}

/** @throws FlocapError invalid_request for what is no form, or more than a form may have. */
export async function parseForm(body: Uint8Array, contentType: string): Promise<FormPart[]> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const delimiter = Buffer.from(`--${boundaryOf(contentType)}`)
  const parts: FormPart[] = []
  // A preamble, which mail programs write, ends with the first delimiter.
  const first = bytes.subarray(0, MAX_PART_HEADER_BYTES + delimiter.byteLength).indexOf(delimiter)
  if (first === -1) throw broken('it does not begin with its boundary')
  let at = first + delimiter.byteLength
  const next = Buffer.concat([LINE_END, delimiter])
  while (!startsWith(bytes, '--', at)) {
    if (parts.length === MAX_PARTS) {
      throw tooMuch(`A form may have ${MAX_PARTS} parts, but this one has more.`)
    }
    if (parts.length % PARTS_AT_ONCE === PARTS_AT_ONCE - 1) await giveWay()
    const headerStart = skipBlanks(bytes, at)
    if (!startsWith(bytes, '\r\n', headerStart)) throw broken('something stands behind a boundary')
    const limit = headerStart + MAX_PART_HEADER_BYTES
    const headerEnd = bytes.subarray(0, limit).indexOf(HEADER_END, headerStart)
    if (headerEnd === -1) {
      if (limit < bytes.byteLength) {
        throw tooMuch(
          `The header of a part may have ${MAX_PART_HEADER_BYTES} bytes, but one has more.`,
        )
      }
      throw broken('it ends in the middle of a part')
    }
    const contentStart = headerEnd + HEADER_END.byteLength
    // The line break of an empty part is the one that ends its header.
    const contentEnd = await findSlowly(bytes, next, contentStart - LINE_END.byteLength)
    if (contentEnd === -1) throw broken('it ends in the middle of a part')
    const header = bytes.toString('utf8', headerStart + LINE_END.byteLength, headerEnd)
    parts.push({
      ...readDisposition(header),
      bytes: bytes.subarray(contentStart, Math.max(contentStart, contentEnd)),
    })
    at = contentEnd + next.byteLength
  }
  return parts
}

function boundaryOf(contentType: string): string {
  const [, quoted, plain] =
    /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))(?:\s*;|\s*$)/i.exec(contentType) ?? []
  const boundary = quoted ?? plain ?? ''
  if (!BOUNDARY.test(boundary)) throw broken('its content type names no boundary')
  return boundary
}

/** RFC 7578 has no encodings of parts: what is in one would be taken for the content itself. */
const ENCODED = /^content-transfer-encoding\s*:(?!\s*(?:7bit|8bit|binary)\s*$)/i

/** @throws FlocapError for a part that is not a field: none is left out in silence. */
function readDisposition(header: string): { name: string; fileName: string | undefined } {
  const lines = header.split('\r\n')
  const line = lines.find((each) => /^content-disposition\s*:/i.test(each))
  const value = line?.slice(line.indexOf(':') + 1) ?? ''
  if (lines.some((each) => ENCODED.test(each)))
    throw broken('a part has a Content-Transfer-Encoding, and has to be as it is')
  if (!/^\s*form-data\s*;/i.test(value))
    throw broken('a part has no Content-Disposition: form-data')
  const parameters = new Map<string, string>()
  for (const [, key = '', quoted, plain] of value.matchAll(PARAMETER)) {
    parameters.set(key.toLowerCase(), quoted === undefined ? (plain ?? '') : unescape(quoted))
  }
  const name = parameters.get('name')
  const fileName = parameters.get('filename') ?? readExtended(parameters.get('filename*'))
  if (name === undefined) throw broken('a part has no name')
  if (name.length > MAX_NAME_CHARACTERS || (fileName?.length ?? 0) > MAX_NAME_CHARACTERS) {
    throw tooMuch(`A name in a form may have ${MAX_NAME_CHARACTERS} characters, but one has more.`)
  }
  return { name, fileName }
}

const PARAMETER = /;\s*([\w*-]{1,40})\s*=\s*(?:"([^"]*)"|([^\s;"]+))/g

/** Quotes and line breaks as browsers write them (WHATWG HTML, section 4.10.21.8). */
function unescape(text: string): string {
  return text.replaceAll(/%(?:22|0d|0a)/gi, (code) => decodeURIComponent(code))
}

/** `UTF-8''caf%C3%A9.png` (RFC 5987). */
function readExtended(text: string | undefined): string | undefined {
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(text ?? '')?.[1]
  if (encoded === undefined) return undefined
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}

/** As `indexOf`, while others have their turns. */
async function findSlowly(bytes: Buffer, wanted: Buffer, start: number): Promise<number> {
  for (let at = start; at < bytes.byteLength; at += WINDOW_BYTES) {
    if (at > start) await giveWay()
    const window = bytes.subarray(at, at + WINDOW_BYTES + wanted.byteLength - 1)
    const found = window.indexOf(wanted)
    if (found !== -1) return at + found
  }
  return -1
}

function startsWith(bytes: Buffer, text: string, at: number): boolean {
  return bytes.toString('latin1', at, at + text.length) === text
}

/** RFC 2046 lets blanks stand behind a boundary; a few are enough. */
function skipBlanks(bytes: Buffer, start: number): number {
  let at = start
  while (at < start + 16 && (bytes[at] === 0x20 || bytes[at] === 0x09)) at += 1
  return at
}

function broken(why: string): FlocapError {
  return new FlocapError('invalid_request', `The form of the request cannot be read: ${why}.`, {
    hint: 'Send it as multipart/form-data with a file for each picture.',
  })
}

function tooMuch(message: string): FlocapError {
  return new FlocapError('invalid_request', message, {
    hint: 'Send fewer pictures in a request.',
  })
}
