// What Pillow makes of whole files is checked in decode.test.ts; here are the corners.
import { describe, expect, it } from 'vitest'
import { DEFAULT_PICTURE_LIMITS } from './limits.ts'
import { decodeNetpbm } from './netpbm.ts'

const reds = (file: string): number[] => {
  const { data } = decodeNetpbm(Buffer.from(file, 'latin1'), DEFAULT_PICTURE_LIMITS)
  return [...data].filter((_, i) => i % 3 === 0)
}

describe('decodeNetpbm', () => {
  it('rounds half to even, as Python does', () => {
    // 1/2 of 255 is 127.5 and becomes 128; 1/6 of it is 42.5 and becomes 42.
    expect(reds('P2 3 1 2 0 1 2')).toEqual([0, 128, 255])
    expect(reds('P2 2 1 6 1 3')).toEqual([42, 128])
  })

  it('takes one byte of space after the header, and pixels from then on', () => {
    expect(reds('P5 2 1 255\n\n7')).toEqual([10, 0x37])
  })

  it('pads each row of bits to a byte', () => {
    expect(reds('P4 2 2\n\x40\x80')).toEqual([255, 0, 0, 255])
  })

  it('needs no space between bits, nor at the end of the last number', () => {
    expect(reds('P1 3 1\n0#x\n1 1')).toEqual([255, 0, 0])
    expect(reds('P2 2 1 255 8 9')).toEqual([8, 9])
  })

  it.each([
    ['a width that is text', 'P6 wide 2 255\n', /its width is "wide", not a number/],
    ['a width that is too long', 'P6 12345678901 2 255\n', /its width is "12345678901"/],
    ['a largest sample of 0', 'P5 1 1 0\nx', /largest sample is 0/],
    ['a largest sample of 65536', 'P5 1 1 65536\nxx', /largest sample is 65536/],
    ['a sample above the largest', 'P2 1 1 9 10', /a sample of 10, above its largest of 9/],
    ['a negative sample', 'P2 1 1 9 -1', /not a number/],
    ['a bit that is 2', 'P1 1 1 2', /neither 0 nor 1/],
    ['samples that end too early', 'P6 2 2 255\nabc', /it ends too early/],
    ['numbers that end too early', 'P2 2 1 255 7', /it ends too early/],
    ['bits that end too early', 'P1 2 1 1', /it ends too early/],
    ['a header that ends too early', 'P6 2', /it ends too early/],
    ['a comment that never ends', 'P6 2 #', /it ends too early/],
  ])('refuses %s', (_, file, words) => {
    expect(() => reds(file)).toThrow(words)
  })

  it('refuses PAM by name, and sizes beyond the limits', () => {
    expect(() => reds('P7\nWIDTH 2\n')).toThrow(/P7 \(PAM\)/)
    expect(() => reds('P1 99999999 99999999\n')).toThrow(
      expect.objectContaining({ code: 'image_too_large' }),
    )
  })
})
