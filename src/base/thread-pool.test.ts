import { stat } from 'node:fs'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { keepThreadPoolAwake } from './thread-pool.ts'

vi.mock('node:fs', () => ({ stat: vi.fn<() => void>() }))

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('sends a request through the pool now and then, until it is stopped', () => {
  const stop = keepThreadPoolAwake(1000)
  vi.advanceTimersByTime(3500)
  expect(stat).toHaveBeenCalledTimes(3)
  stop()
  vi.advanceTimersByTime(5000)
  expect(stat).toHaveBeenCalledTimes(3)
})
