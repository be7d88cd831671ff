import { expect, it } from 'vitest'
import { createBells } from './bells.ts'

const never = new AbortController().signal
const LONG_MS = 60_000

it('wakes who waits for the name, and no other', async () => {
  const bells = createBells()
  const woken: string[] = []
  const [a, b] = [bells.listen('a'), bells.listen('b')]
  const waits = a.wait(LONG_MS, never).then(() => woken.push('a'))
  const other = b.wait(20, never).then(() => woken.push('b, by itself'))
  bells.ring('a')
  await waits
  expect(woken).toEqual(['a'])
  await other
})

it('is heard by who listened before it rang, and once only', async () => {
  const bells = createBells()
  const bell = bells.listen('a')
  bells.ring('a')
  await bell.wait(LONG_MS, never)
  const stop = new AbortController()
  const again = bell.wait(LONG_MS, stop.signal)
  const reason = new Error('no longer')
  stop.abort(reason)
  await expect(again).rejects.toBe(reason)
})

it('is not heard by who listens no more', async () => {
  const bells = createBells()
  const bell = bells.listen('a')
  bell.close()
  bells.ring('a')
  const start = performance.now()
  await bell.wait(30, never)
  expect(performance.now() - start).toBeGreaterThan(20)
})
