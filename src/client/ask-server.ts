// One request to a FloCap elsewhere. A server that is full or loads its model says when to come back, and
// is asked again then.
import { setTimeout as sleep } from 'node:timers/promises'
import { FlocapError } from '../base/errors.ts'
import type { Priority } from '../caption/priority.ts'
import { toServerError } from './server-error.ts'

export interface RemoteOptions {
  /** Such as `http://gpu-box:5000`, with the path under which it lies, if any. */
  readonly url: string
  readonly apiKey?: string | undefined
  /** Of requests that do not say it themselves. */
  readonly priority?: Priority | undefined
  /** Milliseconds; shorter in tests. */
  readonly patienceMs?: number
}

/** How long a picture is tried again while the server is full or loads its model. */
const PATIENCE_MS = 15 * 60_000
/** Where the server does not say when to come back. */
const DEFAULT_PAUSE_SECONDS = 2
const MS_PER_SECOND = 1000

/**
 * Asks until the server has time, or patience ends.
 * @param read takes what came with a status of success.
 * @throws FlocapError what the server says.
 */
export async function askServer<T>(
  options: RemoteOptions,
  path: string,
  body: string | undefined,
  signal: AbortSignal | undefined,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const end = performance.now() + (options.patienceMs ?? PATIENCE_MS)
  for (;;) {
    const response = await send(options, path, body, signal)
    if (response.ok) return read(response)
    const error = toServerError(await response.text(), response)
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
