import { describe, expect, it } from 'vitest'
import { createSemaphore } from './semaphore.ts'

describe('createSemaphore', () => {
  it('lets so many in at a time, and the others in their order', async () => {
    const semaphore = createSemaphore(2)
    let [inside, most] = [0, 0]
    const order: number[] = []
    await Promise.all(
      [0, 1, 2, 3, 4].map(async (i) =>
        semaphore.run(async () => {
          inside += 1
          most = Math.max(most, inside)
          order.push(i)
          await new Promise(setImmediate)
          inside -= 1
        }),
      ),
    )
    expect(most).toBe(2)
    expect(order).toEqual([0, 1, 2, 3, 4])
  })

  it('lets nobody in until a taken place is given back', async () => {
    const semaphore = createSemaphore(1)
    const giveBack = await semaphore.take()
    let isInside = false
    const other = semaphore.run(async () => {
      isInside = true
    })
    await new Promise(setImmediate)
    expect(isInside).toBe(false)
    giveBack()
    await other
    expect(isInside).toBe(true)
  })

  it('gives the place back when the work fails', async () => {
    const semaphore = createSemaphore(1)
    await expect(semaphore.run(async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(semaphore.run(async () => 'yes')).resolves.toBe('yes')
  })
})
