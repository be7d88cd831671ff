// Request bodies as bytes, counted while they arrive.
//
// Content-Length is only a claim, and many bodies may arrive at once: both the size of one and the
// sum of all are limited, so no number of clients can fill the memory.
import { FlocapError } from '../../base/errors.ts'
import { createCollector } from './collect-bytes.ts'

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
  /**
   * When all bodies together would exceed the budget, the largest that is still arriving makes room
   * for one that is smaller: otherwise a few senders of large bodies would keep everybody out.
   *
   * @throws FlocapError queue_full when nobody has to.
   */
  take(bytes: number): void
  /** Rejects when this body has to make room. */
  readonly displaced: Promise<never>
  /** The body has arrived: from now on it keeps what it took until `release`. */
  keep(): void
  release(): void
}

export function createBodyBudget(maxPendingBytes: number): BodyBudget {
  const arriving = new Set<Share>()
  let pending = 0

  function makeRoom(bytes: number, taken: number): void {
    while (pending + bytes > maxPendingBytes) {
      const largest = [...arriving].toSorted((a, b) => b.taken - a.taken)[0]
      if (largest === undefined || largest.taken <= taken + bytes) throw bodiesFull()
      arriving.delete(largest)
      pending -= largest.taken
      largest.taken = 0
      largest.displace?.(bodiesFull())
    }
  }

  return {
    open() {
      const share: Share = { taken: 0 }
      const displaced = new Promise<never>((_, reject) => {
        share.displace = reject
      })
      // Most shares are never waited for.
      displaced.catch(() => undefined)
      arriving.add(share)
      return {
        displaced,
        take(bytes) {
          makeRoom(bytes, share.taken)
          pending += bytes
          share.taken += bytes
        },
        keep: () => void arriving.delete(share),
        release() {
          arriving.delete(share)
          pending -= share.taken
          share.taken = 0
        },
      }
    },
  }
}

interface Share {
  taken: number
  displace?: (error: FlocapError) => void
}

function bodiesFull(): FlocapError {
  return new FlocapError(
    'queue_full',
    'Too many large requests are being received at the same time.',
    { hint: 'Send this request again in a few seconds.' },
  )
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
  const collector = createCollector(announced)
  let size = 0
  try {
    for (;;) {
      // First the share: a chunk may have come in the moment in which it lost its room.
      const chunk = await Promise.race([share.displaced, nextChunk(reader, limits.bodyIdleMs)])
      if (chunk === undefined) {
        share.keep()
        return await collector.finish()
      }
      size += chunk.byteLength
      if (size > limits.maxBodyBytes) throw tooLarge('more', limits)
      share.take(chunk.byteLength)
      collector.add(chunk)
    }
  } finally {
    // Not cancelled: that would reset the connection before the client has read the answer.
    reader.releaseLock()
  }
}

/**
 * The pieces of a body as they arrive, uncounted, for who writes them elsewhere.
 *
 * @throws FlocapError invalid_request for a compressed body, body_timeout, cancelled.
 */
export async function* readChunks(
  request: Request,
  { bodyIdleMs }: Pick<BodyLimits, 'bodyIdleMs'>,
): AsyncGenerator<Uint8Array> {
  assertNotCompressed(request.headers.get('content-encoding'))
  if (request.body === null) return
  const reader = request.body.getReader()
  try {
    for (;;) {
      const chunk = await nextChunk(reader, bodyIdleMs)
      if (chunk === undefined) return
      yield chunk
    }
  } finally {
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
    `Expected a request body of at most ${limits.maxBodyBytes} bytes, got ${came}.`,
    { hint: 'Send a smaller picture, or start FloCap with a larger --max-body-mb.' },
  )
}
