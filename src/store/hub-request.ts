// One HTTP request to the Hub or to where it sends us: redirects, secrets, time-outs.
//
// What Node's fetch leaves to us: a token must not follow a redirect to another host (the Hub sends
// downloads to a CDN), and a download may take hours as long as something arrives, so the limit is
// on silence, not on the whole.
import { systemCode, storeError } from './failures.ts'
import { parseRetryAfter, toCancelled, TransientFailure } from './retry.ts'

/** The Hub needs one or two; a loop must end. */
const MAX_REDIRECTS = 6
const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** Worth another attempt by their meaning: too many requests, or a server that is not well. */
const TRANSIENT_STATUS = new Set([408, 425, 429, 500, 502, 503, 504, 509, 520, 521, 522, 523, 524])

/** Certificates that Node cannot check do not get better by trying again. */
const CERTIFICATE_CODES =
  /^(?:CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ERR_TLS)/

const CONNECTION_HINT =
  'Look at the network connection. A mirror can be named with HF_ENDPOINT, a proxy needs ' +
  'NODE_USE_ENV_PROXY=1 and Node 22.21 or later, and files can be placed by hand.'

export interface RequestOptions {
  readonly fetch: typeof fetch
  /** Sent to the host of the first address only. */
  readonly authorization: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
  /** Longest silence, in milliseconds. */
  readonly idleMs: number
}

export interface HubResponse {
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
  discard(): Promise<void>
}

/**
 * GET with redirects.
 *
 * @throws TransientFailure for whatever may work later, and FlocapError for what will not.
 */
export async function request(address: URL, options: RequestOptions): Promise<HubResponse> {
  const { signal } = options
  let url = address
  let firstHeaders: Headers | undefined
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const silence = new SilenceTimer(options.idleMs)
    const response = await send(url, address, options, silence)
    firstHeaders ??= response.headers
    const location = response.headers.get('location')
    if (REDIRECTS.has(response.status) && location !== null) {
      silence.stop()
      await response.body?.cancel()
      url = nextAddress(url, location)
      continue
    }
    if (TRANSIENT_STATUS.has(response.status)) {
      silence.stop()
      await response.body?.cancel()
      throw new TransientFailure(`${url.host} answered with status ${response.status}.`, {
        retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), Date.now()),
      })
    }
    return {
      status: response.status,
      headers: response.headers,
      firstHeaders,
      body: () => readBody(response, url, silence, signal),
      discard: async () => {
        silence.stop()
        await response.body?.cancel()
      },
    }
  }
  throw storeError('download', `${address.host} redirects more than ${MAX_REDIRECTS} times.`)
}

async function send(
  url: URL,
  first: URL,
  options: RequestOptions,
  silence: SilenceTimer,
): Promise<Response> {
  const { authorization, signal } = options
  const headers = new Headers(options.headers)
  if (authorization !== undefined && url.origin === first.origin) {
    headers.set('authorization', authorization)
  }
  silence.restart()
  try {
    return await options.fetch(url, {
      headers,
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    })
  } catch (error) {
    silence.stop()
    throw toFailure(error, url, silence, signal)
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

async function* readBody(
  response: Response,
  url: URL,
  silence: SilenceTimer,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (response.body === null) {
    silence.stop()
    return
  }
  silence.restart()
  try {
    for await (const chunk of response.body) {
      // Whoever reads may take its time over a chunk (a slow disk): that is not the line's silence.
      silence.stop()
      yield chunk
      silence.restart()
    }
  } catch (error) {
    throw toFailure(error, url, silence, signal)
  } finally {
    silence.stop()
  }
}

function toFailure(
  error: unknown,
  url: URL,
  silence: SilenceTimer,
  signal: AbortSignal | undefined,
): Error {
  if (signal?.aborted === true) return toCancelled(signal)
  if (silence.signal.aborted) {
    return new TransientFailure(`${url.host} sent nothing for ${silence.ms / 1000} seconds.`, {
      hint: CONNECTION_HINT,
    })
  }
  const code = systemCode(error) ?? systemCode(error instanceof Error ? error.cause : undefined)
  if (code !== undefined && CERTIFICATE_CODES.test(code)) {
    return storeError('download', `The certificate of ${url.host} cannot be checked (${code}).`, {
      hint: 'If your network replaces certificates, name its own with NODE_EXTRA_CA_CERTS.',
      cause: error,
    })
  }
  const reason = code ?? (error instanceof Error ? error.message : String(error))
  return new TransientFailure(`The connection to ${url.host} failed (${reason}).`, {
    hint: CONNECTION_HINT,
    cause: error,
  })
}

/** Aborts when it is not restarted in time. */
class SilenceTimer {
  readonly ms: number
  readonly #controller = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number) {
    this.ms = ms
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  restart(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#controller.abort(), this.ms)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
