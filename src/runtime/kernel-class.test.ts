import { describe, expect, it } from 'vitest'
import { kernelClassOf } from './kernel-class.ts'

const XEON = ' fpu sse2 avx avx2 avx512f avx512bw avx512_vnni amx_tile amx_int8'

describe('kernelClassOf', () => {
  it.each([
    [XEON, 'cpu-amx'],
    [XEON.replace(/ amx.*/, ''), 'cpu-avx512-vnni'],
    [' sse2 avx avx2 avx_vnni', 'cpu-avx-vnni'],
    [' sse2 avx avx2 avx512f avx512bw', 'cpu-avx512'],
    [' sse2 avx avx2', 'cpu-avx2'],
    [' sse2 avx', 'cpu-x64'],
    [' fp asimd asimddp i8mm', 'cpu-arm-i8mm'],
    [' fp asimd asimddp', 'cpu-arm-dot'],
    [' fp asimd', 'cpu-arm'],
  ])('of a processor with%s is %s', (flags, expected) => {
    expect(kernelClassOf('cpu', { flags, model: 'x', architecture: 'x64' })).toBe(expected)
  })

  it('is the name of the processor where the system tells no more', () => {
    const processor = { flags: undefined, model: 'Apple M3 Pro', architecture: 'arm64' }
    expect(kernelClassOf('cpu', processor)).toBe('cpu-arm64-Apple-M3-Pro')
  })

  it('is the name of another device', () => {
    expect(kernelClassOf('cuda')).toBe('cuda')
  })

  it('is one of the known ones here', () => {
    expect(kernelClassOf('cpu')).toMatch(/^cpu-[\w-]+$/)
  })
})
