import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startWatchdog } from './watchdog.ts'

describe('startWatchdog', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('reports silence once, and only beyond the limit of the moment', () => {
    let limit = 10_000
    const onSilence = vi.fn<(ms: number) => void>()
    startWatchdog(() => limit, onSilence)
    vi.advanceTimersByTime(9_000)
    expect(onSilence).not.toHaveBeenCalled()
    limit = 5_000
    vi.advanceTimersByTime(60_000)
    expect(onSilence).toHaveBeenCalledOnce()
  })

  it('is content with signs of life', () => {
    const onSilence = vi.fn<(ms: number) => void>()
    const watchdog = startWatchdog(() => 3_000, onSilence)
    for (let second = 0; second < 60; second += 1) {
      vi.advanceTimersByTime(1_000)
      watchdog.reset()
    }
    watchdog.stop()
    vi.advanceTimersByTime(60_000)
    expect(onSilence).not.toHaveBeenCalled()
  })

  it('does not take the sleep of the machine for silence', () => {
    const clock = vi.spyOn(performance, 'now')
    clock.mockReturnValue(0)
    const onSilence = vi.fn<(ms: number) => void>()
    startWatchdog(() => 3_000, onSilence)
    clock.mockReturnValue(8 * 3_600_000)
    vi.advanceTimersByTime(500)
    expect(onSilence).not.toHaveBeenCalled()
    clock.mockRestore()
  })
})
