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
 * @param read takes what came with a status of success. A stream may fail after that: it is asked for
 *   again as well, unless `mayAskAgain` says that something of it was passed on.
 * @throws FlocapError what the server says; `engine_failed` where none answers; `cancelled`.
 */
export async function askServer<T>(
  options: RemoteOptions,
  path: string,
  body: string | undefined,
  signal: AbortSignal | undefined,
  read: (response: Response) => Promise<T>,
  mayAskAgain: () => boolean = () => true,
): Promise<T> {
  const end = performance.now() + (options.patienceMs ?? PATIENCE_MS)
  try {
    for (;;) {
      const response = await send(options, path, body, signal)
      try {
        if (response.ok) return await read(response)
        throw toServerError(await response.text(), response)
      } catch (error) {
        if (!(error instanceof FlocapError) || error.retry === 'never' || !mayAskAgain())
          throw error
        const pauseMs = (error.retryAfterSeconds ?? DEFAULT_PAUSE_SECONDS) * MS_PER_SECOND
        if (performance.now() + pauseMs > end) throw error
        await sleep(pauseMs, undefined, signal === undefined ? {} : { signal })
      }
    }
  } catch (cause) {
    // Wherever it was: sending, reading, or waiting to ask again.
    if (signal?.aborted !== true) throw cause
    throw new FlocapError('cancelled', 'The request was cancelled.', { cause })
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
    throw new FlocapError('engine_failed', `No FloCap answers at ${url}.`, {
      subject: '--server',
      hint: 'Check the address, and that FloCap is running there.',
      cause,
    })
  }
}
