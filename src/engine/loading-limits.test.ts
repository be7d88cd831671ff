import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import type { FlocapError } from '../base/errors.ts'
import { limitsFor, readAnonymousBytes, watchLoading } from './loading-limits.ts'

const LIMITS = { maxMs: 3_600_000, maxBytes: 4_000_000_000 }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function watch(residentBytes: () => number): { errors: FlocapError[]; stop: () => void } {
  const errors: FlocapError[] = []
  const stop = watchLoading({ limits: LIMITS, residentBytes, onExceeded: (e) => errors.push(e) })
  return { errors, stop }
}

describe('watchLoading', () => {
  it('ends what computes for ever, once', () => {
    const { errors } = watch(() => 1)
    vi.advanceTimersByTime(LIMITS.maxMs - 1)
    expect(errors).toEqual([])
    vi.advanceTimersByTime(10_000)
    expect(errors).toEqual([
      expect.objectContaining({
        code: 'invalid_model',
        message: 'Loading the model took more than 60 minutes.',
      }),
    ])
  })

  it('ends what grows without end, and says how far it came', () => {
    let bytes = 0
    const { errors } = watch(() => (bytes += 900_000_000))
    vi.advanceTimersByTime(10_000)
    expect(errors).toEqual([
      expect.objectContaining({
        code: 'invalid_model',
        message: expect.stringContaining('4.50 GB of memory; for its size 4.00 GB are allowed'),
      }),
    ])
  })

  it('leaves a loaded model alone', () => {
    const { errors, stop } = watch(() => 1)
    stop()
    vi.advanceTimersByTime(2 * LIMITS.maxMs)
    expect(errors).toEqual([])
  })
})

describe('limitsFor', () => {
  it('grow with the checkpoint', () => {
    const folder = temporaryFolder()
    const empty = limitsFor(folder).maxBytes
    writeFileSync(join(folder, 'model.safetensors'), Buffer.alloc(1000))
    expect(limitsFor(folder).maxBytes).toBe(empty + 4000)
    expect(limitsFor(join(folder, 'absent')).maxBytes).toBe(empty)
  })
})

describe('readAnonymousBytes', () => {
  it.runIf(process.platform === 'linux')('tells of a living process only', () => {
    expect(readAnonymousBytes(process.pid)).toBeGreaterThan(10_000_000)
    expect(readAnonymousBytes(2 ** 22 + 1)).toBeUndefined()
  })
})
