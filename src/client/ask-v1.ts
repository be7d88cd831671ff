// One request to the part of a FloCap elsewhere that speaks OpenAI's dialect: its files and batches.
import type { ReadableStream } from 'node:stream/web'
import { setTimeout as sleep } from 'node:timers/promises'
import { FlocapError } from '../base/errors.ts'
import { readOpenaiError, toServerError } from './server-error.ts'

export interface V1Server {
  /** Such as `http://gpu-box:5000`, with the path under which it lies, if any. */
  readonly url: string
  readonly apiKey?: string | undefined
}

export interface V1Request {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Behind `/v1`. */
  readonly path: string
  readonly body?: string | ReadableStream
  readonly contentType?: string
  readonly signal?: AbortSignal | undefined
}

/** @throws FlocapError of what the server says, or `engine_failed` where none answers. */
export async function askV1({ url, apiKey }: V1Server, request: V1Request): Promise<Response> {
  const { method, path, body, contentType, signal } = request
  let response: Response
  try {
    response = await fetch(`${url.replace(/\/+$/, '')}/v1${path}`, {
      method,
      headers: {
        ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
      // What is sent is no answer to what comes back: Node wants that said for streams.
      ...(body === undefined ? {} : { body, duplex: 'half' }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new FlocapError('engine_failed', `No server answers at ${url}.`, {
      subject: '--server',
      hint: 'Check the address, and that FloCap is running there.',
      cause,
    })
  }
  if (!response.ok) throw toServerError(await response.text(), response, readOpenaiError)
  return response
}

/** As long as a server may be away before a run gives up: what it sent is not lost by that. */
const PATIENCE_MS = 15 * 60_000
const PAUSE_MS = 2_000
const MS_PER_SECOND = 1_000

/**
 * Tries through a server that is away, full or loading.
 * @throws FlocapError where no patience helps or it ends; the reason of `signal`
 */
export async function insist<T>(
  what: () => Promise<T>,
  signal: AbortSignal | undefined,
  patienceMs: number = PATIENCE_MS,
): Promise<T> {
  const end = performance.now() + patienceMs
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await what()
    } catch (error) {
      if (!(error instanceof FlocapError) || error.retry === 'never') throw error
      const { retryAfterSeconds } = error
      const pause = retryAfterSeconds === undefined ? PAUSE_MS : retryAfterSeconds * MS_PER_SECOND
      if (performance.now() + pause > end) throw error
      await sleep(pause, undefined, signal === undefined ? {} : { signal })
    }
  }
}
