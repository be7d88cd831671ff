// An image URL as a client wrote it, parsed once: what is checked is what is fetched.
//
// URLs that two parsers could read differently (a backslash, credentials, a number that stands for
// an address) are refused, not repaired.
import { isIP } from 'node:net'
import { FlocapError } from '../../base/errors.ts'
import { type AllowedImageHosts, reachOf } from './allowed-hosts.ts'
import type { AddressRules } from './address.ts'

export interface ImageUrl {
  readonly url: URL
  /** The name to resolve, or the address, brackets of IPv6 taken off. */
  readonly host: string
  readonly port: number
  readonly rules: AddressRules
}

/** Browsers and CDNs keep URLs below it. */
const MAX_URL_LENGTH = 8_192

/** Blanks and control characters, which parsers drop or keep as they like, and backslashes. */
const AMBIGUOUS = /[^!-[\]-~\u{80}-\u{10ffff}]/u
const AUTHORITY = /^https?:\/\/([^/?#]+)/i

/** True for what would have to be fetched over HTTP. */
export function isWebAddress(source: string): boolean {
  // Looking further would scan megabytes of base64.
  return /^https?:/i.test(source.slice(0, 64).trimStart())
}

/**
 * @param field where it stands in the request, for the message.
 * @throws FlocapError invalid_image_url, image_url_not_allowed.
 */
export function parseImageUrl(source: string, field: string, allowed: AllowedImageHosts): ImageUrl {
  const text = source.trim()
  if (text.length > MAX_URL_LENGTH) {
    throw unusable(`has ${text.length} characters; ${MAX_URL_LENGTH} are read`, field)
  }
  if (AMBIGUOUS.test(text)) throw unusable('has blanks, control characters or backslashes', field)
  const authority = AUTHORITY.exec(text)?.[1]
  if (authority === undefined || !URL.canParse(text)) throw unusable('cannot be read', field)
  if (authority.includes('@')) throw unusable('has a user name or password', field)
  const url = new URL(text)

  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // 0x7f000001, 017700000001 and fullwidth digits are addresses too, to some parsers.
  if (isIP(host) !== 0 && authority.toLowerCase().replace(/:\d*$/, '') !== url.hostname) {
    throw unusable('has an address that is not written in its usual form', field)
  }
  const reach = reachOf(allowed, url)
  if (reach === undefined) throw notAllowed(field, allowed)
  const listed = reach === 'listed'
  return {
    url,
    host,
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    rules: { listed, loopback: listed && isThisMachine(host) },
  }
}

/** By a name or number that nobody else can answer for. */
function isThisMachine(host: string): boolean {
  const name = host.replace(/\.$/, '')
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

function unusable(what: string, field: string): FlocapError {
  return new FlocapError('invalid_image_url', `The image URL in '${field}' ${what}.`, {
    hint: 'Write it plainly, as https://host/path, or send the image itself as a data URL.',
    subject: field,
  })
}

function notAllowed(field: string, { any }: AllowedImageHosts): FlocapError {
  const message = any
    ? `The image URL in '${field}' has a port of its own; images are fetched from ports 80 and 443.`
    : `The host of the image URL in '${field}' is none that images are fetched from.`
  return new FlocapError('image_url_not_allowed', message, {
    hint: 'Send the image itself as a data URL, or list host and port in --allow-image-urls.',
    subject: field,
  })
}
