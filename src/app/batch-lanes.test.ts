import { describe, expect, it } from 'vitest'
import type { Lane } from '../queue/ports.ts'
import { createBatchLanes } from './batch-lanes.ts'

const LANE: Lane = { model: 'm', fingerprint: 'f', kernels: 'avx2' }

describe('lanes of batches', () => {
  it('are chosen once for all lines of a batch', async () => {
    const chosen: string[] = []
    const lanes = createBatchLanes(async (folder) => {
      chosen.push(folder)
      return LANE
    })
    await Promise.all([lanes.of('a', '/a'), lanes.of('a', '/a'), lanes.of('b', '/b')])
    expect(chosen).toEqual(['/a', '/b'])
  })

  it('are chosen again after a failure', async () => {
    let failures = 1
    const lanes = createBatchLanes(async () => {
      if (failures-- > 0) throw new Error('away')
      return LANE
    })
    await expect(lanes.of('a', '/a')).rejects.toThrow('away')
    await expect(lanes.of('a', '/a')).resolves.toBe(LANE)
  })

  it('do not grow with the batches that have ended', async () => {
    const lanes = createBatchLanes(async () => LANE)
    for (let number = 0; number < 1_000; number++) {
      await lanes.of(`batch_${number}`, '/folder')
      lanes.forget(`batch_${number}`)
    }
    expect(lanes.size).toBe(0)
  })
})
