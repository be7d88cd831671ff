// One HTTP request to the Hub or to where it sends us: redirects, secrets, time-outs.
//
// What Node's fetch leaves to us: a token must not follow a redirect to another host (the Hub sends
// downloads to a CDN), and a download may take hours as long as something arrives, so the limit is
// on silence, not on the whole.
import { CERTIFICATE_HINT, isCertificateCode, systemCode } from '../base/system-errors.ts'
import { storeError } from './failures.ts'
import { parseRetryAfter, toCancelled, TransientFailure } from './retry.ts'

/** The Hub needs one or two; a loop must end. */
const MAX_REDIRECTS = 6
const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** Worth another attempt by their meaning: too many requests, or a server that is not well. */
const TRANSIENT_STATUS = new Set([408, 425, 429, 500, 502, 503, 504, 509, 520, 521, 522, 523, 524])

/** What name servers say of a name they do not know, and the system where it has none to ask. */
const NAME_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN'])

const CONNECTION_HINT =
  'Check the network connection. A proxy is named with HTTPS_PROXY, a mirror with HF_ENDPOINT, and ' +
  'files can be placed by hand.'

/** As much of `fetch` as the Hub needs, so that a proxy's own one can stand in for it. */
export type HubFetch = (
  address: URL,
  init: { readonly headers: Headers; readonly redirect: 'manual'; readonly signal: AbortSignal },
) => Promise<Response>

export interface RequestOptions {
  readonly fetch: HubFetch
  /** Sent to the host of the first address only. */
  readonly authorization: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
  /** Longest silence, in milliseconds. */
  readonly idleMs: number
}

export interface HubResponse {
  /** Host that answered in the end. */
  readonly host: string
  readonly status: number
  /** Of the last host. */
  readonly headers: Headers
  /** Of the first answer, which is the Hub's own: it describes the file before it redirects. */
  readonly firstHeaders: Headers
  /**
   * The body, once. @throws TransientFailure when the connection breaks or falls silent.
   */
  body(): AsyncGenerator<Uint8Array>
  /** Lets go of a body that nobody reads. */
  discard(): void
}

/**
 * GET with redirects.
 *
 * @throws TransientFailure for whatever may work later, and FlocapError for what will not.
 */
export async function request(address: URL, options: RequestOptions): Promise<HubResponse> {
  let url = address
  let firstHeaders: Headers | undefined
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const watch = new Watch(options.idleMs, options.signal)
    const response = await send(url, address, options, watch)
    firstHeaders ??= response.headers
    const discard = (): void => {
      // Nobody waits for it: on a connection that is broken it may take for ever.
      response.body?.cancel().catch(() => undefined)
      watch.abandon()
    }
    const location = response.headers.get('location')
    if (REDIRECTS.has(response.status) && location !== null) {
      discard()
      url = nextAddress(url, location)
      continue
    }
    if (TRANSIENT_STATUS.has(response.status)) {
      discard()
      throw new TransientFailure(`${url.host} answered with status ${response.status}.`, {
        retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), Date.now()),
      })
    }
    return {
      host: url.host,
      status: response.status,
      headers: response.headers,
      firstHeaders,
      body: () => readBody(response, url, watch),
      discard,
    }
  }
  throw storeError('download', `${address.host} redirects more than ${MAX_REDIRECTS} times.`)
}

async function send(
  url: URL,
  first: URL,
  options: RequestOptions,
  watch: Watch,
): Promise<Response> {
  const headers = new Headers(options.headers)
  if (options.authorization !== undefined && url.origin === first.origin) {
    headers.set('authorization', options.authorization)
  }
  watch.restart()
  try {
    return await options.fetch(url, { headers, redirect: 'manual', signal: watch.signal })
  } catch (error) {
    watch.end()
    throw toFailure(error, url, watch)
  }
}

/** Only the web, and never from an encrypted connection to one that is not. */
function nextAddress(from: URL, location: string): URL {
  if (URL.canParse(location, from.href)) {
    const to = new URL(location, from)
    const isSafe =
      to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:')
    if (isSafe && to.username === '' && to.password === '') return to
  }
  throw storeError('download', `${from.host} redirects to an address that is not followed.`, {
    hint: 'Redirects must stay with HTTPS.',
  })
}

async function* readBody(response: Response, url: URL, watch: Watch): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  let isComplete = reader === undefined
  try {
    for (;;) {
      if (!reader) break
      watch.restart()
      const { done, value } = await watch.unlessAborted(reader.read())
      // Whoever reads may take its time over a chunk (a slow disk): that is not the line's silence.
      watch.pause()
      isComplete = done
      if (done) break
      yield value
    }
  } catch (error) {
    throw toFailure(error, url, watch)
  } finally {
    reader?.cancel().catch(() => undefined)
    if (isComplete) watch.end()
    else watch.abandon()
  }
}

function toFailure(error: unknown, url: URL, watch: Watch): Error {
  if (watch.cancelled) return toCancelled(watch.cancelled)
  if (watch.signal.aborted) {
    return new TransientFailure(`${url.host} sent nothing for ${watch.idleMs / 1000} seconds.`, {
      hint: CONNECTION_HINT,
    })
  }
  const code = systemCode(error) ?? systemCode(error instanceof Error ? error.cause : undefined)
  if (code !== undefined && isCertificateCode(code)) {
    return storeError('download', `The certificate of ${url.host} cannot be checked (${code}).`, {
      hint: CERTIFICATE_HINT,
      cause: error,
    })
  }
  if (code !== undefined && NAME_CODES.has(code)) {
    return new TransientFailure(`The name ${url.hostname} cannot be resolved (${code}).`, {
      hint: `Is this machine online? ${CONNECTION_HINT}`,
      cause: error,
    })
  }
  const reason = code ?? (error instanceof Error ? error.message : String(error))
  return new TransientFailure(`The connection to ${url.host} failed (${reason}).`, {
    hint: CONNECTION_HINT,
    cause: error,
  })
}

/**
 * Ends a request when its caller cancels it or when it falls silent, by aborting one signal.
 *
 * `AbortSignal.any` would join the two, but in Node 20 a joined signal can be collected as garbage
 * while somebody waits for it. And a body that is aborted at its very end may never settle its last
 * read there, so reads are raced against the signal here.
 */
class Watch {
  readonly idleMs: number
  readonly #caller: AbortSignal | undefined
  readonly #controller = new AbortController()
  readonly #onAbort = (): void => this.#controller.abort()
  #timer: NodeJS.Timeout | undefined

  constructor(idleMs: number, caller: AbortSignal | undefined) {
    this.idleMs = idleMs
    this.#caller = caller
    if (caller?.aborted === true) this.#controller.abort()
    caller?.addEventListener('abort', this.#onAbort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The caller's signal when it was that which fired. */
  get cancelled(): AbortSignal | undefined {
    return this.#caller?.aborted === true ? this.#caller : undefined
  }

  /** Counts silence from now on. */
  restart(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#onAbort, this.idleMs)
  }

  pause(): void {
    clearTimeout(this.#timer)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener('abort', this.#onAbort)
  }

  /** Lets the connection go with what may still be under way on it, which would keep a process alive. */
  abandon(): void {
    this.end()
    this.#controller.abort()
  }

  unlessAborted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => reject(new Error('aborted'))
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      work
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', onAbort))
        .catch(reject)
    })
  }
}
