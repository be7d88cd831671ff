import { expect, it } from 'vitest'
import { assembleResizeKernel } from '../resize/kernel.ts'
import { instantiateModule } from '../resize/wasm-assembler.ts'
import { assertMemory, MemoryFailure, withMemory } from './memory.ts'

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

it('blames the process for an array or a memory that V8 refuses', async () => {
  const resizer = instantiateModule(assembleResizeKernel())
  const refusals = [() => new ArrayBuffer(2 ** 47), () => resizer?.memory.grow(65_536)]
  for (const refused of refusals) {
    // Which of them V8 words how is its own business; none may look like a fault of ours.
    await expect(withMemory(async () => refused())).rejects.toBeInstanceOf(MemoryFailure)
  }
})

it('leaves other errors as they are', async () => {
  const error = new RangeError('Offset is outside the bounds of the DataView')
  await expect(withMemory(() => Promise.reject(error))).rejects.toBe(error)
})

it('asks for as much as a decoder does: less is there even when nothing else is', () => {
  const asked: number[] = []
  assertMemory(new Error('x'), (bytes) => asked.push(bytes))
  expect(asked).toEqual([64 * 1024 * 1024])
})
