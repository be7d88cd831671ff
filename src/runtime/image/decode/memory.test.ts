import { expect, it } from 'vitest'
import { assertMemory, MemoryFailure } from './memory.ts'

it('is content while there is memory', () => {
  expect(() => assertMemory(new Error('VipsPng: damaged'))).not.toThrow()
})

it('blames the process, with what happened, when there is none', () => {
  const cause = new Error('VipsPng: out of memory')
  const refuse = () => {
    throw new RangeError('Array buffer allocation failed')
  }
  expect(() => assertMemory(cause, refuse)).toThrow(MemoryFailure)
  expect(() => assertMemory(cause, refuse)).toThrow(expect.objectContaining({ cause }))
})
