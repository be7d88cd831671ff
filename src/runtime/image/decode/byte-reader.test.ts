import { describe, expect, it } from 'vitest'
import { ByteReader } from './byte-reader.ts'

const BYTES = Uint8Array.of(1, 2, 3, 4, 0xff, 0xff, 0xff, 0xff, 9)

describe('ByteReader', () => {
  it('reads numbers of either byte order one after another', () => {
    const little = new ByteReader(BYTES, 'bmp')
    expect([little.u8(), little.u16(), little.u8(), little.i32()]).toEqual([1, 0x0302, 4, -1])
    expect(little.remaining).toBe(1)
    const big = new ByteReader(BYTES, 'tiff', false)
    expect([big.u16(), big.u16(), big.u32()]).toEqual([0x0102, 0x0304, 0xffffffff])
    big.at = 0
    expect(big.u64()).toBe(0x01020304 * 2 ** 32 + 0xffffffff)
  })

  it('keeps to its view of a larger buffer', () => {
    const reader = new ByteReader(BYTES.subarray(2, 4), 'gif')
    expect(reader.u16()).toBe(0x0403)
    expect(() => reader.u8()).toThrow(/GIF file cannot be decoded: it ends too early/)
  })

  it.each([
    [8, 2],
    [9, 1],
    [1000, 1],
    [-1, 1],
    [2 ** 60, 1],
  ])('refuses to read at %d for %d bytes', (at, count) => {
    const reader = new ByteReader(BYTES, 'bmp')
    reader.at = at
    expect(() => reader.bytes(count)).toThrow(expect.objectContaining({ code: 'invalid_image' }))
  })

  it('gives bytes as a view', () => {
    const bytes = new ByteReader(BYTES, 'bmp').bytes(3)
    expect([...bytes]).toEqual([1, 2, 3])
    expect(bytes.buffer).toBe(BYTES.buffer)
  })
})
