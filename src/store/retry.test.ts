import { describe, expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { parseRetryAfter, Retries, sleep, TransientFailure } from './retry.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')

function createRetries(signal?: AbortSignal): {
  readonly retries: Retries
  readonly pauses: number[]
} {
  const pauses: number[] = []
  const retries = new Retries({
    signal,
    sleep: (ms) => {
      pauses.push(ms)
      return Promise.resolve()
    },
  })
  return { retries, pauses }
}

describe('parseRetryAfter', () => {
  it.each([
    [null, undefined],
    ['', undefined],
    ['120', 120_000],
    [' 0 ', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['99999999999999999999', undefined],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ])('of %j is %s', (value, expected) => {
    expect(parseRetryAfter(value, NOW)).toBe(expected)
  })
})

describe('Retries', () => {
  it('pauses ever longer, never quite alike, and ends', async () => {
    const { retries, pauses } = createRetries()
    const error = await caughtError(async () => {
      for (;;) await retries.pause(new TransientFailure('It is down.'), false)
    })
    expect(error.message).toBe('It is down.')
    expect(error.hint).toContain('what has arrived so far is kept')
    expect(pauses).toHaveLength(6)
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeLessThanOrEqual(500 * 2 ** (index + 1))
      expect(pause).toBeGreaterThanOrEqual(0.75 * Math.min(30_000, 500 * 2 ** (index + 1)))
    }
  })

  it('begins anew whenever an attempt has brought something', async () => {
    const { retries, pauses } = createRetries()
    for (let attempt = 0; attempt < 100; attempt += 1) {
      await retries.pause(new TransientFailure('It broke.'), attempt % 5 === 0)
    }
    expect(pauses).toHaveLength(100)
    expect(Math.max(...pauses)).toBeLessThan(10_000)
  })

  it('waits as long as the server asks, and gives up when that is unreasonable', async () => {
    const { retries, pauses } = createRetries()
    await retries.pause(new TransientFailure('busy', { retryAfterMs: 200_000 }), false)
    expect(pauses).toEqual([200_000])
    const error = await caughtError(() =>
      retries.pause(new TransientFailure('busy', { retryAfterMs: 301_000 }), true),
    )
    expect(error.retryAfterSeconds).toBe(301)
  })

  it('is cancelled in the middle of a pause', async () => {
    const abort = new AbortController()
    const retries = new Retries({ signal: abort.signal, sleep })
    const pausing = retries.pause(new TransientFailure('busy', { retryAfterMs: 60_000 }), false)
    abort.abort()
    await expect(pausing).rejects.toMatchObject({ code: 'cancelled' })
  })
})
