// A picture as clients write it into JSON, to bytes: data URL or bare base64.
//
// The declared type is ignored, because clients declare image/png or application/octet-stream for
// everything; the decoder looks at the bytes. Node's base64 decoder skips what it does not know and
// never fails, so the text is checked first. Photos take a while: others have their turns between.
import { FlocapError } from '../../base/errors.ts'
import { giveWay } from '../../base/give-way.ts'
import { assertNotMistaken } from './image-mistakes.ts'
import { joinBytes } from './join-bytes.ts'
import type { LongTexts } from './long-texts.ts'

/** What neither alphabet of RFC 4648 has. */
const NO_DIGIT = /[^A-Za-z0-9+/_-]/

const MAX_PADDING = 2

/** The longest that clients write, with a type, a charset and the name of the file. */
const MAX_DATA_URL_HEADER = 1024

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/

/**
 * @param source a data URL in any spelling, or base64 with or without padding and line breaks.
 * @param field where the picture stands in the request, for the message.
 * @param longTexts what stands for longer texts in `source`.
 * @throws FlocapError invalid_image_url, invalid_base64_image, empty_image_file.
 */
export async function readImageText(
  source: string,
  field: string,
  longTexts: LongTexts,
): Promise<Uint8Array> {
  const text = source.trim()
  // A scheme is short: looking further would scan megabytes of base64 for a colon.
  const scheme = SCHEME.exec(text.slice(0, 32))?.[1]?.toLowerCase()
  if (scheme === undefined) return decodeBase64(text, field, longTexts)
  if (scheme === 'data') return decodeBase64(dataUrlPayload(text, field), field, longTexts)
  throw notADataUrl(scheme, field)
}

/** @throws FlocapError missing_image, clearer than what a schema says of an absent field. */
export function assertHasImage(body: unknown): void {
  if (typeof body !== 'object' || body === null || 'image' in body) return
  throw new FlocapError('missing_image', 'Expected the picture as base64 for image, got nothing.', {
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
  if (comma > MAX_DATA_URL_HEADER) {
    throw new FlocapError(
      'invalid_image_url',
      `The data URL in '${field}' has a header of ${comma} characters, where ${MAX_DATA_URL_HEADER} may stand.`,
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

async function decodeBase64(
  text: string,
  field: string,
  longTexts: LongTexts,
): Promise<Uint8Array> {
  assertNotMistaken(text, field)
  const decoded: Buffer[] = []
  /** Digits that make no whole bytes yet. */
  let carry = ''
  let characters = 0
  let padding = 0
  let isFirst = true
  for (const piece of longTexts.pieces(text)) {
    // Also behind a piece that holds nothing but line breaks.
    if (!isFirst) await giveWay()
    isFirst = false
    const compact = piece.replaceAll(/\s+/g, '')
    const found = compact.search(NO_DIGIT)
    const digits = found === -1 ? compact : compact.slice(0, found)
    const rest = compact.slice(digits.length)
    if (
      (padding > 0 && digits !== '') ||
      padding + rest.length > MAX_PADDING ||
      /[^=]/.test(rest)
    ) {
      throw invalidBase64(
        field,
        `a character at position ${characters + digits.length} that base64 does not have`,
      )
    }
    padding += rest.length
    characters += compact.length
    const joined = carry + digits
    const whole = joined.length - (joined.length % DIGITS_OF_GROUP)
    decoded.push(Buffer.from(joined.slice(0, whole), 'base64'))
    carry = joined.slice(whole)
  }
  if (characters === 0) {
    throw new FlocapError('empty_image_file', `The image in '${field}' has no bytes.`, {
      subject: field,
    })
  }
  decoded.push(Buffer.from(carry, 'base64'))
  if (carry.length === 1 || decoded.every(({ byteLength }) => byteLength === 0)) {
    throw invalidBase64(field, `${characters} characters, which no number of bytes encodes to`)
  }
  return joinBytes(decoded)
}

/** Four digits of base64 are three bytes. */
const DIGITS_OF_GROUP = 4

function invalidBase64(field: string, fault: string): FlocapError {
  return new FlocapError(
    'invalid_base64_image',
    `The image in '${field}' must be base64, but it has ${fault}.`,
    { hint: 'Send the whole file, encoded as base64, and nothing else.', subject: field },
  )
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
