import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createPacer } from './pacer.ts'

it('begins so many in a turn, in their order, and all in the end', async () => {
  const pace = createPacer(3)
  const begun: number[] = []
  const all = Array.from({ length: 10 }, async (_, index) => {
    await pace()
    begun.push(index)
  })
  await Promise.resolve()
  expect(begun).toEqual([0, 1, 2])
  await turn()
  expect(begun.length).toBeLessThanOrEqual(6)
  await Promise.all(all)
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  await turn()
  await pace()
})
