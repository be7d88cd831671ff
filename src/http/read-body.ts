// Request bodies as bytes, counted while they arrive.
//
// Content-Length is only a claim, and many bodies may arrive at once: both the size of one and the
// sum of all are limited, so no number of clients can fill the memory.
import { FlocapError } from '../base/errors.ts'

export interface BodyLimits {
  /** Bytes of one body. */
  readonly maxBodyBytes: number
  /** Bytes of all bodies held at the same time. */
  readonly maxPendingBodyBytes: number
  /** Milliseconds without a byte after which the sender counts as gone. */
  readonly bodyIdleMs: number
}

/** Counts the bytes that requests hold, over all of them. */
export interface BodyBudget {
  /** A share for one request; `release` gives back all it took. */
  open(): BodyShare
}

export interface BodyShare {
  /** @throws FlocapError queue_full when all bodies together would exceed the budget. */
  take(bytes: number): void
  release(): void
}

export function createBodyBudget(maxPendingBytes: number): BodyBudget {
  let pending = 0
  return {
    open() {
      let taken = 0
      return {
        take(bytes) {
          if (pending + bytes > maxPendingBytes) {
            throw new FlocapError(
              'queue_full',
              'Too many large requests are being received at the same time.',
              { hint: 'Send this request again in a few seconds.' },
            )
          }
          pending += bytes
          taken += bytes
        },
        release() {
          pending -= taken
          taken = 0
        },
      }
    },
  }
}

/**
 * The whole body. An absent body has no bytes.
 *
 * @throws FlocapError body_too_large, queue_full, invalid_request for a compressed body, body_timeout for
 *   a stalled one, cancelled when the client goes away.
 */
export async function readBody(
  request: Request,
  limits: BodyLimits,
  share: BodyShare,
): Promise<Uint8Array> {
  assertNotCompressed(request.headers.get('content-encoding'))
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > limits.maxBodyBytes) throw tooLarge(`${announced} bytes`, limits)
  if (request.body === null) return new Uint8Array(0)

  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const chunk = await nextChunk(reader, limits.bodyIdleMs)
      if (chunk === undefined) return Buffer.concat(chunks, size)
      size += chunk.byteLength
      if (size > limits.maxBodyBytes) throw tooLarge('more', limits)
      share.take(chunk.byteLength)
      chunks.push(chunk)
    }
  } finally {
    // Not cancelled: that would reset the connection before the client has read the answer.
    reader.releaseLock()
  }
}

async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  idleMs: number,
): Promise<Uint8Array | undefined> {
  let timer: NodeJS.Timeout | undefined
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new FlocapError(
          'body_timeout',
          `The request body stopped arriving for ${idleMs / 1000} seconds.`,
        ),
      )
    }, idleMs)
  })
  try {
    const { done, value } = await Promise.race([readOrCancelled(reader), stalled])
    return done ? undefined : value
  } finally {
    clearTimeout(timer)
  }
}

async function readOrCancelled(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read()
  } catch (error) {
    throw new FlocapError('cancelled', 'The connection closed before the whole body arrived.', {
      cause: error,
    })
  }
}

/** A compressed body can be a thousand times its size; no client that sends pictures needs it. */
function assertNotCompressed(encoding: string | null): void {
  if (encoding === null || encoding.trim() === '' || encoding.trim() === 'identity') return
  throw new FlocapError(
    'invalid_request',
    'The request body must not be compressed, but it has a Content-Encoding header.',
    { hint: 'Send the body as it is.' },
  )
}

function tooLarge(came: string, limits: BodyLimits): FlocapError {
  return new FlocapError(
    'body_too_large',
    `The request body may have ${limits.maxBodyBytes} bytes, but ${came} came.`,
    { hint: 'Send a smaller picture, or raise the body limit in the settings of FloCap.' },
  )
}
