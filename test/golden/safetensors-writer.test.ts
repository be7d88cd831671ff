// The writer of test checkpoints: it must never round a weight without saying so.
import { assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderSafetensors } from '../support/safetensors-writer.ts'
import type { StoredDtype } from '../support/safetensors-writer.ts'

function store(dtype: StoredDtype, value: number): DataView {
  const values = Float32Array.of(value)
  const { data } = renderSafetensors([{ name: 'x', dtype, shape: [1], values }])
  return new DataView(data.buffer)
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 bits of fraction. */
function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const finiteFloat16 = integer({ min: 0, max: 0xffff }).filter((bits) => (bits & 0x7c00) !== 0x7c00)

describe('the safetensors writer', () => {
  it('stores every float16 number as itself, the subnormal ones too', () => {
    assert(
      property(finiteFloat16, (bits) => {
        expect(store('F16', float16Value(bits)).getUint16(0, true)).toBe(bits)
      }),
    )
  })

  it('stores a bfloat16 number as the upper half of its float32 bits', () => {
    expect(store('BF16', -1.5).getUint16(0, true)).toBe(0xbfc0)
  })

  it.each([
    ['F16', 1 + 2 ** -11],
    ['F16', 65536],
    ['F16', 2 ** -25],
    ['BF16', 1 + 2 ** -8],
  ] as const)('refuses to round for %s: %f', (dtype, value) => {
    expect(() => store(dtype, value)).toThrow(RangeError)
  })

  it('lays tensors out by name without gaps behind a header of whole words', () => {
    const { header, data } = renderSafetensors([
      { name: 'b', dtype: 'F32', shape: [2], values: Float32Array.of(1, 2) },
      { name: 'a', dtype: 'F16', shape: [1, 1], values: Float32Array.of(1) },
    ])
    const length = Number(new DataView(header.buffer).getBigUint64(0, true))
    expect(length % 8).toBe(0)
    expect(header.length).toBe(8 + length)
    expect(JSON.parse(new TextDecoder().decode(header.subarray(8)))).toEqual({
      __metadata__: { format: 'pt' },
      a: { dtype: 'F16', shape: [1, 1], data_offsets: [0, 2] },
      b: { dtype: 'F32', shape: [2], data_offsets: [2, 10] },
    })
    expect(data.length).toBe(10)
  })

  it('refuses a shape that does not hold its values', () => {
    const values = Float32Array.of(1, 2)
    expect(() => renderSafetensors([{ name: 'x', dtype: 'F32', shape: [3], values }])).toThrow(
      'does not hold 2 values',
    )
  })
})
