// One request to a FloCap elsewhere. A server that is full or loads its model says when to come back, and
// is asked again then.
import { setTimeout as sleep } from 'node:timers/promises'
import { type ErrorCode, ERROR_CODES, FlocapError } from '../base/errors.ts'
import { ErrorResponse } from '../http/surfaces/native/schema.ts'

export interface RemoteOptions {
  /** Such as `http://gpu-box:5000`, with the path under which it lies, if any. */
  readonly url: string
  readonly apiKey?: string | undefined
  /** Milliseconds; shorter in tests. */
  readonly patienceMs?: number
}

/** How long a picture is tried again while the server is full or loads its model. */
const PATIENCE_MS = 15 * 60_000
/** Where the server does not say when to come back. */
const DEFAULT_PAUSE_SECONDS = 2
/** What a server says is not waited for without end. */
const MAX_PAUSE_SECONDS = 60
const MS_PER_SECOND = 1000

/** Asks until the server has time, or patience ends. @throws FlocapError what the server says. */
export async function askServer(
  options: RemoteOptions,
  path: string,
  body: string | undefined,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const end = performance.now() + (options.patienceMs ?? PATIENCE_MS)
  for (;;) {
    const response = await send(options, path, body, signal)
    if (response.ok) return response.json()
    const error = await readError(response)
    const pauseMs = (error.retryAfterSeconds ?? DEFAULT_PAUSE_SECONDS) * MS_PER_SECOND
    if (error.retry === 'never' || performance.now() + pauseMs > end) throw error
    await sleep(pauseMs, undefined, signal === undefined ? {} : { signal })
  }
}

async function send(
  { url, apiKey }: RemoteOptions,
  path: string,
  body: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const address = `${url.replace(/\/+$/, '')}/api/v1/${path}`
  try {
    return await fetch(address, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    if (signal?.aborted === true) {
      throw new FlocapError('cancelled', 'The request was cancelled.', { cause })
    }
    throw new FlocapError('engine_failed', `No FloCap answers at ${url}.`, {
      subject: '--server',
      hint: 'Check the address, and that FloCap is running there.',
      cause,
    })
  }
}

async function readError(response: Response): Promise<FlocapError> {
  const text = await response.text()
  const after = Number(response.headers.get('retry-after') ?? NaN)
  const retryAfter = Number.isFinite(after)
    ? { retryAfterSeconds: Math.min(Math.max(after, 0), MAX_PAUSE_SECONDS) }
    : {}
  const parsed = parseError(text)
  if (parsed === undefined || !isErrorCode(parsed.code)) {
    return new FlocapError('internal_error', `The server answered ${response.status}.`, {
      hint: 'Is this the address of a FloCap?',
      subject: '--server',
    })
  }
  const { code, message, hint } = parsed
  const isKey = code === 'unauthorized'
  return new FlocapError(code, message, {
    ...(isKey
      ? { hint: 'Put the key of the server into FLOCAP_API_KEY.' }
      : hint === null
        ? {}
        : { hint }),
    ...retryAfter,
  })
}

function parseError(text: string): ErrorResponse['error'] | undefined {
  try {
    return ErrorResponse.safeParse(JSON.parse(text)).data?.error
  } catch {
    return undefined
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}
