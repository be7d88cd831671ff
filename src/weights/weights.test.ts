import { describe, expect, it } from 'vitest'
import type { TensorDtype, TensorFile } from './tensor-file.ts'
import { createCheckpoint } from './weights.ts'

function fakeFile(
  tensors: Record<string, { dtype?: TensorDtype; shape: number[]; bytes: Uint8Array }>,
): TensorFile {
  return {
    tensors: new Map(
      Object.entries(tensors).map(([name, { dtype = 'F32', shape }]) => [
        name,
        { name, dtype, shape },
      ]),
    ),
    read: (name) => tensors[name]!.bytes,
    close: () => undefined,
  }
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)
const halves = (...bits: number[]): Uint8Array => new Uint8Array(Uint16Array.from(bits).buffer)

describe('Weights', () => {
  it('reads a tensor under a prefix as float32, whatever it is stored as', () => {
    const { weights } = createCheckpoint([
      fakeFile({
        'a.b.f32': { shape: [2], bytes: floats(1.5, -2) },
        'a.b.f16': { dtype: 'F16', shape: [1], bytes: halves(0x3c00) },
        'a.b.bf16': { dtype: 'BF16', shape: [1], bytes: halves(0x4000) },
      }),
    ])
    const scope = weights.at('a').at('b')
    expect([...scope.read('f32', [2])]).toEqual([1.5, -2])
    expect([...scope.read('f16', [1])]).toEqual([1])
    expect([...scope.read('bf16', [1])]).toEqual([2])
  })

  it('names the tensor and both shapes when the shape is another', () => {
    const { weights } = createCheckpoint([fakeFile({ 'x.w': { shape: [2, 3], bytes: floats() } })])
    expect(() => weights.at('x').read('w', [3, 2])).toThrow(
      'Tensor x.w has shape [2, 3], the configuration asks for [3, 2].',
    )
  })

  it('names a tensor that is missing, with its prefix', () => {
    const { weights } = createCheckpoint([fakeFile({})])
    expect(() => weights.at('x').at(0).read('w', [1])).toThrow('no tensor x.0.w')
  })

  it('reports what nobody read', () => {
    const checkpoint = createCheckpoint([
      fakeFile({ used: { shape: [1], bytes: floats(1) }, extra: { shape: [1], bytes: floats(1) } }),
    ])
    checkpoint.weights.read('used', [1])
    expect(checkpoint.unread()).toEqual(['extra'])
    expect(checkpoint.parameters()).toBe(1)
  })

  it('looks tensors up under their new names, and forgets those without one', () => {
    const checkpoint = createCheckpoint(
      [fakeFile({ old: { shape: [1], bytes: floats(7) }, gone: { shape: [1], bytes: floats(0) } })],
      (stored) => (stored === 'gone' ? null : 'new'),
    )
    expect([...checkpoint.weights.read('new', [1])]).toEqual([7])
    expect(checkpoint.unread()).toEqual([])
  })

  it('refuses to read integers as weights', () => {
    const { weights } = createCheckpoint([
      fakeFile({ n: { dtype: 'I64', shape: [1], bytes: new Uint8Array(8) } }),
    ])
    expect(() => weights.read('n', [1])).toThrow('stored as I64')
  })
})
