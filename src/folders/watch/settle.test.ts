import { expect, it } from 'vitest'
import { createSettler } from './settle.ts'

const stamp = (size: number, mtimeMs = 1) => ({ size, mtimeMs })

it('takes a file when it has not changed for long enough, once', () => {
  const settler = createSettler(2000)
  settler.observe('a', stamp(1), 0)
  settler.observe('a', stamp(1), 1500)
  expect(settler.takeStill(1999)).toEqual([])
  expect(settler.takeStill(2000)).toEqual(['a'])
  expect(settler.takeStill(9000)).toEqual([])
})

it('waits on while a file grows, or is written again at the same size', () => {
  const settler = createSettler(2000)
  settler.observe('a', stamp(1), 0)
  settler.observe('a', stamp(2), 1900)
  settler.observe('a', stamp(2, 2), 3800)
  expect(settler.takeStill(5700)).toEqual([])
  expect(settler.takeStill(5800)).toEqual(['a'])
})

it('forgets what has gone', () => {
  const settler = createSettler(2000)
  settler.observe('a', stamp(1), 0)
  settler.forget('a')
  expect(settler.waiting.size).toBe(0)
  expect(settler.takeStill(5000)).toEqual([])
})
