// What Pillow makes of whole files is checked in decode.test.ts; here are the corners.
import { describe, expect, it } from 'vitest'
import { DEFAULT_PICTURE_LIMITS } from './limits.ts'
import { decodeQoi } from './qoi.ts'

function qoi(width: number, height: number, channels: number, codes: number[]): Uint8Array {
  const bytes = Buffer.alloc(14 + codes.length)
  bytes.write('qoif', 'latin1')
  bytes.writeUInt32BE(width, 4)
  bytes.writeUInt32BE(height, 8)
  bytes[12] = channels
  bytes.set(codes, 14)
  return bytes
}

const decode = (bytes: Uint8Array) => decodeQoi(bytes, DEFAULT_PICTURE_LIMITS)

describe('decodeQoi', () => {
  it('reads each kind of code', () => {
    const codes = [
      [0xfe, 10, 20, 30], // a colour
      [0b0111_1001], // differences +1, 0, -1
      [0b1010_1010, 0b1010_0110], // green +10, red +12, blue +8
      [0b1100_0000], // the same once more
      [0xff, 1, 2, 3, 128], // a colour with alpha
      [(10 * 3 + 20 * 5 + 30 * 7 + 255 * 11) & 63], // the first colour again
    ]
    const { data, alpha } = decode(qoi(6, 1, 4, codes.flat()))
    expect([...data]).toEqual([10, 20, 30, 11, 20, 29, 23, 30, 37, 23, 30, 37, 1, 2, 3, 10, 20, 30])
    expect([...(alpha ?? [])]).toEqual([255, 255, 255, 255, 128, 255])
  })

  it('wraps differences around', () => {
    expect([...decode(qoi(1, 1, 3, [0b0100_0000])).data]).toEqual([254, 254, 254])
  })

  it('cuts a run that leads past the end', () => {
    expect([...decode(qoi(2, 1, 3, [0b1111_0000])).data]).toEqual([0, 0, 0, 0, 0, 0])
  })

  it.each([
    ['codes that end too early', qoi(9, 9, 3, [0xfe, 1, 2]), /it ends too early/],
    ['five channels', qoi(1, 1, 5, [0xc0]), /announces 5 channels/],
    ['no pixels', qoi(0, 1, 3, []), /0x1 pixels/],
  ])('refuses %s', (_, bytes, words) => {
    expect(() => decode(bytes)).toThrow(words)
  })
})
