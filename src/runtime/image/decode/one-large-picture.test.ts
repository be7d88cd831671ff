import { expect, it } from 'vitest'
import { whenThereIsRoom } from './one-large-picture.ts'

it('decodes one large picture at a time, and small ones meanwhile', async () => {
  const ended: string[] = []
  const ends: (() => void)[] = []
  const start = (name: string, pixels: number) =>
    whenThereIsRoom(pixels, async () => {
      await new Promise<void>((resolve) => ends.push(resolve))
      ended.push(name)
    })
  const work = [start('first', 60e6), start('second', 110e6), start('small', 12e6)]
  await expect.poll(() => ends.length).toBe(2)
  for (const end of ends.splice(0)) end()
  await work[2]
  await expect.poll(() => ends.length).toBe(1)
  ends[0]?.()
  await Promise.all(work)
  expect(ended.at(-1)).toBe('second')
  expect(ended).toHaveLength(3)
})
