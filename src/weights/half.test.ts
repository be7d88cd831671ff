import { describe, expect, it } from 'vitest'
import {
  bfloat16ToFloat32,
  float16BitsToNumber,
  float16ToFloat32,
  toExactFloat16,
  toFloat16,
} from './half.ts'

describe('float16', () => {
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
  ])('reads %i as %d', (bits, value) => {
    expect(float16BitsToNumber(bits)).toBe(value)
  })

  it('keeps a NaN a NaN', () => {
    expect(float16BitsToNumber(0x7e01)).toBeNaN()
  })

  it('gives every bit pattern its own value, growing with the magnitude', () => {
    const finite = float16ToFloat32(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits))
    for (let i = 1; i < finite.length; i += 1) expect(finite[i]!).toBeGreaterThan(finite[i - 1]!)
  })
})

describe('toExactFloat16', () => {
  it('gives every finite bit pattern back', () => {
    const patterns = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits).filter(
      (bits) => (bits & 0x7c00) !== 0x7c00,
    )
    expect(toExactFloat16(float16ToFloat32(patterns))).toEqual(patterns)
  })

  it.each([1 + 2 ** -11, 65_536, 2 ** -25, 0.1, NaN])('refuses %d', (value) => {
    expect(toExactFloat16(Float32Array.of(1, value))).toBeNull()
  })
})

describe('bfloat16', () => {
  it('is the upper half of a float32', () => {
    const values = bfloat16ToFloat32(Uint16Array.of(0x3f80, 0xc040, 0x0000, 0x7f80))
    expect([...values]).toEqual([1, -3, 0, Infinity])
  })
})

describe('toFloat16', () => {
  const finite = Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits)

  it('gives every finite bit pattern back, of either sign', () => {
    const negative = finite.map((bits) => bits | 0x8000)
    expect(toFloat16(float16ToFloat32(finite))).toEqual(finite)
    expect(toFloat16(float16ToFloat32(negative))).toEqual(negative)
  })

  it('rounds what lies between two to the nearer, and halfway to the even one', () => {
    const values = float16ToFloat32(finite)
    for (let bits = 0; bits + 1 < finite.length; bits += 1) {
      const [low, high] = [values[bits]!, values[bits + 1]!]
      const step = high - low
      const between = Float32Array.of(low + 0.49 * step, low + 0.5 * step, low + 0.51 * step)
      expect([...toFloat16(between)]).toEqual([bits, bits % 2 === 0 ? bits : bits + 1, bits + 1])
    }
  })

  it('keeps within the range', () => {
    const found = toFloat16(Float32Array.of(1e9, -Infinity, 65_519, NaN))
    expect([...found.subarray(0, 3)]).toEqual([0x7bff, 0xfbff, 0x7bff])
    expect(float16BitsToNumber(found[3]!)).toBeNaN()
  })
})
