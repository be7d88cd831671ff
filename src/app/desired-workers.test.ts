import { describe, expect, it } from 'vitest'
import type { WorkerNote } from '../queue/ports.ts'
import { desiredWorkers } from './desired-workers.ts'

function worker(secondsEach: number | null, places = 4): WorkerNote {
  const lane = { model: 'm', fingerprint: 'f', kernels: 'avx2' }
  return { ...lane, id: 'w', device: 'cpu', places, secondsEach, draining: false }
}

describe('workers that batches ask for', () => {
  it('are none where nothing is left', () => {
    expect(desiredWorkers(0, [worker(1), worker(1)])).toBe(0)
  })

  it('are one where the speed is not known, and those that are there', () => {
    expect(desiredWorkers(1_000_000, [])).toBe(1)
    expect(desiredWorkers(1_000_000, [worker(null), worker(null)])).toBe(2)
  })

  it('would answer the rest within an hour at the mean of the known speeds', () => {
    // Two lines a second each: 7,200 an hour.
    expect(desiredWorkers(7_200, [worker(2)])).toBe(1)
    expect(desiredWorkers(7_201, [worker(2)])).toBe(2)
    expect(desiredWorkers(1_000_000, [worker(2), worker(null)])).toBe(139)
    expect(desiredWorkers(36_000, [worker(1), worker(2, 2)])).toBe(4)
  })
})
