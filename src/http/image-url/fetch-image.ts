// Fetches an image by its URL. Every request that leaves FloCap for a caller's sake goes through here.
//
// The host is resolved once, every address is checked, and the connection is made to those addresses
// and no others: a name that changes its address meanwhile (DNS rebinding) changes nothing. Redirects
// are followed a few times, each as a new URL with the same checks. No cookie, credential or header
// of the caller is passed on. A proxy of the environment is told the checked address, not the name.
import type { IncomingMessage } from 'node:http'
import { FlocapError } from '../../base/errors.ts'
import { NO_PROXIES, proxyFor, type ProxySettings } from '../../base/proxies.ts'
import { withAnySignal } from '../../base/with-any-signal.ts'
import type { BodyShare } from '../body/read-body.ts'
import { addressesOf, type Resolve, resolveHost } from './addresses.ts'
import type { AllowedImageHosts } from './allowed-hosts.ts'
import { failed, tooLarge, tooSlow, unreached } from './failures.ts'
import { type ImageUrl, parseImageUrl } from './image-url.ts'
import { openProxied, openStraight } from './open.ts'
import { redirected } from './redirect.ts'

export interface ImageProxies extends ProxySettings {
  /** A name that this machine does not know is looked up by the proxy, whose rules then decide. */
  readonly proxyResolves: boolean
}

export const NO_IMAGE_PROXIES: ImageProxies = { ...NO_PROXIES, proxyResolves: false }

export interface ImageFetcherOptions {
  readonly allowed: AllowedImageHosts
  /** For all of one image, redirects included. */
  readonly timeoutMs?: number
  readonly maxBytes?: number
  /** Images that are fetched at once; more are refused. */
  readonly maxAtOnce?: number
  /** None by default. */
  readonly proxies?: ImageProxies
  /** Default: the system's resolver. Tests give names other addresses. */
  readonly resolve?: Resolve
}

export interface FetchHooks {
  /** Of the request that asks for the image. */
  readonly signal: AbortSignal
  /** What the image takes of the memory for pending requests. */
  readonly share: Pick<BodyShare, 'take'>
}

/**
 * The bytes at a URL; nothing is known yet about what they are.
 *
 * @param field where the URL stands in the request, for messages.
 */
export type FetchImage = (source: string, field: string, hooks: FetchHooks) => Promise<Uint8Array>

/** Clients wait for half a minute at least, and the caption needs its part of that. */
const DEFAULT_TIMEOUT_MS = 15_000
/** The largest photographs of cameras; a data URL of them fills half of the largest request. */
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024
/** Image hosts send to their CDN, and sites to https; more is a loop. */
const MAX_REDIRECTS = 3
/** A caller must not turn this server into a flood at others. */
const MAX_AT_ONCE = 16

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const GONE: ReadonlySet<number> = new Set([404, 410])

/** What servers call a picture, and what they call a file that they know nothing about. */
const IMAGE_TYPE = /^(?:image\/|(?:application|binary)\/octet-stream(?:;|$))/i

/**
 * @returns a function that fails with image_url_not_allowed, image_address_refused,
 *   image_file_not_found, image_file_too_large, image_download_timeout, failed_to_download_image,
 *   invalid_image_url, unsupported_image_format, queue_full or cancelled.
 */
export function createImageFetcher(options: ImageFetcherOptions): FetchImage {
  const { allowed, timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES } = options
  const { maxAtOnce = MAX_AT_ONCE, resolve = resolveHost } = options
  const { proxies = NO_IMAGE_PROXIES } = options
  let running = 0

  return async (source, field, { signal, share }) => {
    const first = parseImageUrl(source, field, allowed)
    if (running >= maxAtOnce) {
      throw new FlocapError('queue_full', 'Too many images are being fetched at the same time.', {
        hint: 'Send this request again in a few seconds.',
      })
    }
    running += 1
    const deadline = AbortSignal.timeout(timeoutMs)
    try {
      return await withAnySignal([signal, deadline], async (either) => {
        const limits = { field, maxBytes, share, signal: either }
        const response = await follow(first, { resolve, allowed, proxies }, limits)
        return readImage(response, limits)
      })
    } catch (error) {
      if (signal.aborted) throw new FlocapError('cancelled', 'The request was cancelled.')
      if (deadline.aborted) throw tooSlow(field, timeoutMs)
      if (error instanceof FlocapError) throw error
      throw unreached(field, error)
    } finally {
      running -= 1
    }
  }
}

interface Limits extends FetchHooks {
  readonly field: string
  readonly maxBytes: number
}

interface Route {
  readonly resolve: Resolve
  readonly allowed: AllowedImageHosts
  readonly proxies: ImageProxies
}

/** The answer at the end of all redirects. */
async function follow(first: ImageUrl, route: Route, limits: Limits): Promise<IncomingMessage> {
  let target = first
  for (let redirects = 0; ; redirects += 1) {
    const response = await open(target, route, limits)
    if (!REDIRECTS.has(response.statusCode ?? 0)) return response
    response.destroy()
    if (redirects === MAX_REDIRECTS) throw failed(limits.field, 'it is redirected too often')
    target = redirected(target, response.headers.location, limits.field, route.allowed)
  }
}

async function open(
  target: ImageUrl,
  { resolve, proxies }: Route,
  limits: Limits,
): Promise<IncomingMessage> {
  // This machine's own servers are not the proxy's.
  const proxy = target.rules.loopback ? undefined : proxyFor(target.url, proxies)
  const { proxyResolves } = proxies
  const addresses = await addressesOf(target, { resolve, proxy, proxyResolves }, limits)
  if (proxy !== undefined) return openProxied(target, addresses, { ...limits, proxy })
  return openStraight(target, addresses ?? [], limits)
}

async function readImage(response: IncomingMessage, limits: Limits): Promise<Uint8Array> {
  const { field, maxBytes, share } = limits
  try {
    assertImage(response, limits)
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.byteLength
      if (size > maxBytes) throw tooLarge(field, maxBytes)
      share.take(chunk.byteLength)
      chunks.push(chunk)
    }
    if (!response.complete) throw failed(field, 'its server broke off')
    return Buffer.concat(chunks, size)
  } finally {
    response.destroy()
  }
}

/** Of the head alone: whatever can be refused before the body comes. */
function assertImage({ statusCode = 0, headers }: IncomingMessage, limits: Limits): void {
  const { field, maxBytes } = limits
  if (GONE.has(statusCode)) {
    throw new FlocapError(
      'image_file_not_found',
      `There is nothing at the image URL in '${field}'.`,
      {
        hint: 'Open it in a browser to see what its server says.',
        subject: field,
      },
    )
  }
  if (statusCode !== 200) throw failed(field, `its server answered with status ${statusCode}`)
  const type = headers['content-type']
  if (type !== undefined && !IMAGE_TYPE.test(type)) {
    throw new FlocapError(
      'unsupported_image_format',
      `The image URL in '${field}' leads to something that is not an image.`,
      { hint: 'Give the URL of the picture file itself, not of a page about it.', subject: field },
    )
  }
  if (!['', 'identity'].includes(headers['content-encoding'] ?? '')) {
    throw failed(field, 'its server compressed it, which was not asked for')
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(field, maxBytes)
}
