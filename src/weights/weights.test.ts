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

  it.each([NaN, Infinity, -Infinity])('names a tensor that holds %d, and where', (value) => {
    const { weights } = createCheckpoint([
      fakeFile({ w: { shape: [2, 2], bytes: floats(1, 2, value, 4) } }),
    ])
    expect(() => weights.read('w', [2, 2])).toThrow(
      expect.objectContaining({
        code: 'invalid_model',
        subject: 'w',
        message: `Tensor w holds ${value} (element 2 of 4); weights must be finite.`,
      }),
    )
  })

  it.each(['F8_E4M3', 'I8', 'U8', 'I32', 'BOOL'] as const)(
    'names a tensor of %s, whose shape is packed, by its type',
    (dtype) => {
      const bytes = new Uint8Array(8)
      const { weights } = createCheckpoint([fakeFile({ w: { dtype, shape: [8, 1], bytes } })])
      expect(() => weights.read('w', [2, 4])).toThrow(
        expect.objectContaining({
          code: 'invalid_model',
          subject: 'w',
          message: `Tensor w is stored as ${dtype}; weights must be F64, F32, F16 or BF16.`,
          hint: expect.stringContaining('quantised'),
        }),
      )
    },
  )

  it('notices an infinity that float16 holds', () => {
    const { weights } = createCheckpoint([
      fakeFile({ w: { dtype: 'F16', shape: [1], bytes: halves(0x7c00) } }),
    ])
    expect(() => weights.read('w', [1])).toThrow('holds Infinity')
  })

  it('counts matrices of zeros, not vectors, which may be biases that were never trained', () => {
    const checkpoint = createCheckpoint([
      fakeFile({
        zeros: { shape: [2, 1], bytes: floats(0, -0) },
        some: { shape: [2, 1], bytes: floats(0, 1) },
        bias: { shape: [2], bytes: floats(0, 0) },
      }),
    ])
    for (const [name, shape] of [
      ['zeros', [2, 1]],
      ['some', [2, 1]],
      ['bias', [2]],
    ] as const) {
      checkpoint.weights.read(name, shape)
    }
    expect(checkpoint.zeroTensors()).toEqual({ tensors: ['zeros'], of: 2 })
  })

  it.each([[[2, 4]], [[3, 3]], [[3, 4]]])(
    'does not take [2, 3] for %j, whichever length differs',
    (asked) => {
      const { weights } = createCheckpoint([
        fakeFile({ w: { shape: [2, 3], bytes: floats(1, 2, 3, 4, 5, 6) } }),
      ])
      expect(() => weights.read('w', asked)).toThrow(`asks for [${asked.join(', ')}]`)
    },
  )

  it('does not take [2, 3] for [2, 3, 1], nor the other way round', () => {
    const bytes = floats(1, 2, 3, 4, 5, 6)
    const { weights } = createCheckpoint([
      fakeFile({ flat: { shape: [2, 3], bytes }, deep: { shape: [2, 3, 1], bytes } }),
    ])
    expect(() => weights.read('deep', [2, 3])).toThrow('[2, 3, 1]')
    expect(() => weights.read('flat', [2, 3, 1])).toThrow('[2, 3]')
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
