// What Pillow makes of whole files is checked in decode.test.ts; here are the corners.
import { describe, expect, it } from 'vitest'
import { readPicture } from '../../../../test/support/picture-fixtures.ts'
import { decodeIcon } from './icon.ts'
import { DEFAULT_PICTURE_LIMITS } from './limits.ts'

const noPng = async (): Promise<never> => {
  throw new Error('no PNG here')
}
const decode = async (bytes: Uint8Array) => decodeIcon(bytes, DEFAULT_PICTURE_LIMITS, noPng)

/** One entry of 2x1 pixels: from byte 22 on its bitmap, at 62 the two pixels, then 4 bytes of mask. */
function icon(bits: 24 | 32, pixels: number[], mask: number[]): Buffer {
  const bytes = Buffer.alloc(62 + pixels.length + mask.length)
  bytes.set([0, 0, 1, 0, 1, 0, 2, 1])
  bytes.writeUInt32LE(bytes.length - 22, 14)
  bytes.writeUInt32LE(22, 18)
  bytes.writeUInt32LE(40, 22)
  bytes.writeInt32LE(2, 26)
  bytes.writeInt32LE(2, 30)
  bytes.set([1, 0, bits], 34)
  bytes.set([...pixels, ...mask], 62)
  return bytes
}

describe('decodeIcon', () => {
  it('takes alpha from the mask', async () => {
    const { data, alpha } = await decode(icon(24, [1, 2, 3, 4, 5, 6, 0, 0], [0b0100_0000, 0, 0, 0]))
    expect([...data]).toEqual([3, 2, 1, 6, 5, 4])
    expect([...(alpha ?? [])]).toEqual([255, 0])
  })

  it('takes alpha from the fourth byte of a pixel, unless all are empty', async () => {
    const mask = [0b1000_0000, 0, 0, 0]
    const full = await decode(icon(32, [1, 2, 3, 9, 4, 5, 6, 0], mask))
    expect([...(full.alpha ?? [])]).toEqual([9, 0])
    const empty = await decode(icon(32, [1, 2, 3, 0, 4, 5, 6, 0], mask))
    expect([...(empty.alpha ?? [])]).toEqual([0, 255])
  })

  it('does without a mask', async () => {
    const { alpha } = await decode(icon(24, [1, 2, 3, 4, 5, 6, 0, 0], []).fill(0, 14, 18))
    expect(alpha).toBeUndefined()
  })

  it.each([
    ['no entries', readPicture('icon-24.ico').subarray(0, 6).with(4, 0), /no picture in it/],
    ['entries that are missing', readPicture('icon-24.ico').subarray(0, 20), /it ends too early/],
    [
      'an entry behind the end',
      Buffer.from(readPicture('icon-24.ico')).fill(0xff, 18, 22),
      /ends too/,
    ],
  ])('refuses %s', async (_, bytes, words) => {
    await expect(decode(bytes)).rejects.toThrow(words)
  })

  it('refuses a bitmap that is larger than the limits, whatever the directory says', async () => {
    const bytes = Buffer.from(readPicture('icon-24.ico'))
    bytes.writeInt32LE(2_000_000_000, 22 + 4)
    await expect(decode(bytes)).rejects.toMatchObject({ code: 'image_too_large' })
  })
})
