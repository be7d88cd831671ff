import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createByteGate } from './byte-gate.ts'

const never = new AbortController().signal

it('lets in what fits, and the next when there is room', async () => {
  const gate = createByteGate(100)
  const inside: string[] = []
  const enter = async (name: string, bytes: number) => {
    const leave = await gate.enter(bytes, never)
    inside.push(name)
    return leave
  }
  const leaveA = await enter('a', 60)
  const b = enter('b', 60)
  const leaveC = await enter('c', 40)
  expect(inside).toEqual(['a', 'c'])
  leaveC()
  await turn()
  expect(inside).toEqual(['a', 'c'])
  leaveA()
  await b
  expect(inside).toEqual(['a', 'c', 'b'])
})

it('lets what is larger than the bound in alone', async () => {
  const gate = createByteGate(100)
  const leave = await gate.enter(1_000, never)
  let entered = false
  const small = gate.enter(1, never).then(() => (entered = true))
  await turn()
  expect(entered).toBe(false)
  leave()
  await small
})

it('ends waiting by its signal', async () => {
  const gate = createByteGate(100)
  await gate.enter(100, never)
  const stop = new AbortController()
  const waits = gate.enter(1, stop.signal)
  const reason = new Error('cancelled')
  stop.abort(reason)
  await expect(waits).rejects.toBe(reason)
})
