// A picture as clients write it into JSON, to bytes: data URL or bare base64.
//
// The declared type is ignored, because clients declare image/png or application/octet-stream for
// everything; the decoder looks at the bytes. Buffer.from(x, 'base64') skips what it does not know
// and never fails, so the text is checked first.
import { FlocapError } from '../../base/errors.ts'
import { assertNotMistaken } from './image-mistakes.ts'

/** Both alphabets of RFC 4648, any amount of padding left out. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/

/**
 * @param source a data URL in any spelling, or base64 with or without padding and line breaks.
 * @param field where the picture stands in the request, for the message.
 * @throws FlocapError invalid_image_url, invalid_base64_image, empty_image_file.
 */
export function readImageText(source: string, field: string): Uint8Array {
  const text = source.trim()
  // A scheme is short: looking further would scan megabytes of base64 for a colon.
  const scheme = SCHEME.exec(text.slice(0, 32))?.[1]?.toLowerCase()
  if (scheme === undefined) return decodeBase64(text, field)
  if (scheme === 'data') return decodeBase64(dataUrlPayload(text, field), field)
  throw notADataUrl(scheme, field)
}

/** @throws FlocapError missing_image, clearer than what a schema says of an absent field. */
export function assertHasImage(body: unknown): void {
  if (typeof body !== 'object' || body === null || 'image' in body) return
  throw new FlocapError('missing_image', "Field 'image' must hold the picture as base64.", {
    subject: 'image',
  })
}

function dataUrlPayload(text: string, field: string): string {
  const comma = text.indexOf(',')
  if (comma === -1) {
    throw new FlocapError(
      'invalid_image_url',
      `The data URL in '${field}' has no comma between its header and its data.`,
      { hint: 'Write data:image/jpeg;base64, and then the base64 of the file.', subject: field },
    )
  }
  const parameters = text.slice(0, comma).toLowerCase().split(';')
  if (!parameters.some((parameter) => parameter.trim() === 'base64')) {
    throw new FlocapError(
      'invalid_base64_image',
      `The data URL in '${field}' is not base64; other encodings are not read.`,
      { hint: 'Write data:image/jpeg;base64, and then the base64 of the file.', subject: field },
    )
  }
  return text.slice(comma + 1)
}

function decodeBase64(text: string, field: string): Uint8Array {
  assertNotMistaken(text, field)
  const compact = text.replace(/\s+/g, '')
  if (compact === '') {
    throw new FlocapError('empty_image_file', `The image in '${field}' has no bytes.`, {
      subject: field,
    })
  }
  // Stripping comes after the check: on text that is mostly '=' the pattern would be quadratic.
  const digits = BASE64.test(compact) ? compact.replace(/=+$/, '') : undefined
  if (digits === undefined || digits.length % 4 === 1) {
    throw new FlocapError(
      'invalid_base64_image',
      `The image in '${field}' must be base64, but it has ${base64Fault(compact)}.`,
      { hint: 'Send the whole file, encoded as base64, and nothing else.', subject: field },
    )
  }
  const bytes = Buffer.from(digits, 'base64')
  if (bytes.byteLength === 0) {
    throw new FlocapError('empty_image_file', `The image in '${field}' has no bytes.`, {
      subject: field,
    })
  }
  return bytes
}

function base64Fault(compact: string): string {
  const at = compact.search(/[^A-Za-z0-9+/_-]/)
  if (at === -1 || /^={1,2}$/.test(compact.slice(at))) {
    return `${compact.length} characters, which no number of bytes encodes to`
  }
  return `a character at position ${at} that base64 does not have`
}

function notADataUrl(scheme: string, field: string): FlocapError {
  const send = 'Send the image itself as a data URL: data:image/jpeg;base64, and then its base64'
  if (scheme === 'http' || scheme === 'https') {
    return new FlocapError(
      'invalid_image_url',
      `The image in '${field}' is a web address, and FloCap does not download images by default.`,
      { hint: `${send}, or start FloCap with --allow-image-urls.`, subject: field },
    )
  }
  return new FlocapError(
    'invalid_image_url',
    `The image in '${field}' has a URL of the kind '${scheme}:', which FloCap does not read.`,
    { hint: `${send}.`, subject: field },
  )
}
