// When and how often to try again: back-off that grows, a server's own wish, and an end.
import { setTimeout as wait } from 'node:timers/promises'
import { storeError } from './failures.ts'

/** The first pause; each further one is twice as long. */
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** Attempts in a row that bring nothing; with the pauses about a minute. */
const MAX_FRUITLESS = 7
/** A server may ask for more patience than that; beyond this it is better to say so and stop. */
const MAX_RETRY_AFTER_MS = 5 * 60_000
/** Up to this part of a pause is left to chance, so that many clients do not return together. */
const JITTER = 0.25

interface TransientOptions {
  /** What the server asked for with Retry-After, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  /** For the error that this becomes when it does not pass. */
  readonly hint?: string
  readonly cause?: unknown
}

/** Something that may well work the next time: a broken connection, a server that is busy. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure'
  readonly retryAfterMs: number | undefined
  readonly hint: string

  constructor(message: string, options: TransientOptions = {}) {
    super(message, { cause: options.cause })
    this.retryAfterMs = options.retryAfterMs
    this.hint = options.hint ?? 'Try again later: what has arrived so far is kept.'
  }
}

export type Sleep = (ms: number, signal: AbortSignal | undefined) => Promise<void>

export const sleep: Sleep = async (ms, signal) => {
  await wait(ms, undefined, signal ? { signal } : {})
}

export interface RetryOptions {
  readonly sleep: Sleep
  readonly signal: AbortSignal | undefined
  /** Told before each pause. */
  readonly onRetry?: ((reason: string, pauseMs: number) => void) | undefined
}

/** Counts attempts that brought nothing and pauses between them. */
export class Retries {
  readonly #options: RetryOptions
  #fruitless = 0

  constructor(options: RetryOptions) {
    this.#options = options
  }

  /**
   * Returns when it is time to try again.
   *
   * @param progressed whether the failed attempt brought anything: then counting begins anew, so
   *   that a download over a bad line ends as long as bytes arrive.
   * @throws FlocapError when it is not worth another attempt, or `cancelled`.
   */
  async pause(failure: TransientFailure, progressed: boolean): Promise<void> {
    const { signal, onRetry } = this.#options
    this.#fruitless = progressed ? 0 : this.#fruitless + 1
    const { retryAfterMs = 0 } = failure
    if (this.#fruitless >= MAX_FRUITLESS || retryAfterMs > MAX_RETRY_AFTER_MS) {
      throw storeError('download', failure.message, {
        hint: failure.hint,
        ...(retryAfterMs > 0 ? { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) } : {}),
        cause: failure,
      })
    }
    const doubled = Math.min(FIRST_PAUSE_MS * 2 ** this.#fruitless, LONGEST_PAUSE_MS)
    const pauseMs = Math.max(retryAfterMs, doubled * (1 - JITTER * Math.random()))
    onRetry?.(failure.message, pauseMs)
    try {
      await this.#options.sleep(pauseMs, signal)
    } catch (error) {
      if (signal?.aborted === true) throw toCancelled(signal)
      throw error
    }
  }
}

export function toCancelled(signal: AbortSignal): Error {
  return storeError('cancelled', 'The download was cancelled.', { cause: signal.reason })
}

/** Retry-After as milliseconds: seconds or a date; undefined when it is neither. */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined
  const text = value.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // Date.parse takes almost anything; the dates of HTTP begin with a weekday.
  const date = /^[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
