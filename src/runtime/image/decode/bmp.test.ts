import { describe, expect, it } from 'vitest'
import { readPicture } from '../../../../test/support/picture-fixtures.ts'
import { decodeBmp } from './bmp.ts'
import { DEFAULT_PICTURE_LIMITS } from './limits.ts'

// What Pillow makes of whole files is checked in decode.test.ts; here are the corners.

const LIMITS = DEFAULT_PICTURE_LIMITS
const COMPRESSION_AT = 30
const BITS_AT = 28

function changed(name: string, change: (view: DataView) => void): Uint8Array {
  const bytes = Uint8Array.from(readPicture(name))
  change(new DataView(bytes.buffer))
  return bytes
}

/** An 8-bit run-length picture, palette 0 black, 1 red. */
function rle8(width: number, height: number, runs: number[]): Uint8Array {
  const bytes = new Uint8Array(62 + runs.length)
  const view = new DataView(bytes.buffer)
  bytes.set([0x42, 0x4d])
  view.setUint32(10, 62, true)
  view.setUint32(14, 40, true)
  view.setInt32(18, width, true)
  view.setInt32(22, height, true)
  view.setUint16(26, 1, true)
  view.setUint16(BITS_AT, 8, true)
  view.setUint32(COMPRESSION_AT, 1, true)
  view.setUint32(46, 2, true)
  bytes.set([0, 0, 0, 0, 0, 0, 255, 0, ...runs], 54)
  return bytes
}

/** The red channel, row by row from the top, 255 written as 1. */
function reds(bytes: Uint8Array): number[][] {
  const { width, height, data } = decodeBmp(bytes, LIMITS)
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => (data[(y * width + x) * 3] ?? 0) / 255),
  )
}

describe('decodeBmp', () => {
  it.each([
    ['2 bits a pixel', (view: DataView) => view.setUint16(BITS_AT, 2, true)],
    ['a JPEG inside', (view: DataView) => view.setUint32(COMPRESSION_AT, 4, true)],
    ['run-length coding of 24 bits', (view: DataView) => view.setUint32(COMPRESSION_AT, 1, true)],
  ])('refuses %s as a form that is not read', (_, change) => {
    expect(() => decodeBmp(changed('bmp-24.bmp', change), LIMITS)).toThrow(
      expect.objectContaining({ code: 'unsupported_image_format' }),
    )
  })

  it.each([0x00ff_00f0, 0x1ff, 0, 0x1_0000, 0xff0])('refuses the colour mask %i', (mask) => {
    const bytes = changed('bmp-16-bitfields-565.bmp', (view) => {
      view.setUint32(54, mask, true)
    })
    expect(() => decodeBmp(bytes, LIMITS)).toThrow(/colour mask/)
  })

  it('checks the size before it makes room for pixels', () => {
    const bytes = changed('bmp-24.bmp', (view) => {
      view.setInt32(18, 2_000_000_000, true)
    })
    expect(() => decodeBmp(bytes, LIMITS)).toThrow(
      expect.objectContaining({ code: 'image_too_large' }),
    )
  })

  it('refuses a negative width', () => {
    const bytes = changed('bmp-24.bmp', (view) => {
      view.setInt32(18, -41, true)
    })
    expect(() => decodeBmp(bytes, LIMITS)).toThrow(
      expect.objectContaining({ code: 'invalid_image' }),
    )
  })

  it('does without the padding of the last row', () => {
    const bytes = readPicture('bmp-24.bmp')
    expect(decodeBmp(bytes.subarray(0, -1), LIMITS)).toEqual(decodeBmp(bytes, LIMITS))
    expect(() => decodeBmp(bytes.subarray(0, -2), LIMITS)).toThrow(/it ends too early/)
  })

  describe('run-length coding', () => {
    const end = [0, 1]

    it('paints runs, literal runs and jumps from the bottom row up', () => {
      const bytes = rle8(4, 3, [
        2,
        1,
        0,
        0,
        /* jump */ 0,
        2,
        3,
        0,
        1,
        1,
        0,
        0,
        0,
        3,
        1,
        0,
        1,
        0,
        ...end,
      ])
      expect(reds(bytes)).toEqual([
        [1, 0, 1, 0],
        [0, 0, 0, 1],
        [1, 1, 0, 0],
      ])
    })

    it('leaves what no run covers at index 0, also after an early end', () => {
      expect(reds(rle8(2, 2, [1, 1, ...end]))).toEqual([
        [0, 0],
        [1, 0],
      ])
    })

    it('skips an empty line', () => {
      expect(reds(rle8(1, 2, [0, 0, 1, 1, ...end]))).toEqual([[1], [0]])
    })

    it('cuts a run that leads past its row', () => {
      expect(reds(rle8(2, 2, [9, 1, 0, 0, ...end]))).toEqual([
        [0, 0],
        [1, 1],
      ])
    })

    it('survives a jump out of the picture', () => {
      expect(reds(rle8(2, 1, [0, 2, 9, 9, 5, 1, ...end]))).toEqual([[0, 0]])
    })

    it('refuses data that stop without an end code', () => {
      expect(() => reds(rle8(2, 2, [1, 1]))).toThrow(/it ends too early/)
      expect(() => reds(rle8(2, 2, [0, 5, 1]))).toThrow(/it ends too early/)
    })
  })
})
