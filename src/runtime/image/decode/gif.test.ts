import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../../test/support/caught-error.ts'
import { readPicture } from '../../../../test/support/picture-fixtures.ts'
import { decodeGif } from './gif.ts'
import { DEFAULT_PICTURE_LIMITS } from './limits.ts'

// What Pillow makes of whole files is checked in decode.test.ts; here are the corners.

const LIMITS = DEFAULT_PICTURE_LIMITS
const RED_AND_BLUE = [255, 0, 0, 0, 0, 255]

/** Codes of `bits` bits each, lowest bit first, as one data block. */
function packCodes(bits: number, ...codes: number[]): number[] {
  const value = codes.reduceRight((all, code) => (all << BigInt(bits)) | BigInt(code), 0n)
  const bytes = Array.from({ length: Math.ceil((codes.length * bits) / 8) }, (_, i) =>
    Number((value >> BigInt(8 * i)) & 0xffn),
  )
  return [bytes.length, ...bytes, 0]
}

/** A GIF with a two-colour palette and one frame that fills its screen. */
function gif(width: number, height: number, data: number[], codeSize = 2): Uint8Array {
  const screen = [width, 0, height, 0, 0x80, 0, 0]
  const frame = [0x2c, 0, 0, 0, 0, width, 0, height, 0, 0]
  const parts = [[...Buffer.from('GIF89a')], screen, RED_AND_BLUE, frame, [codeSize], data, [0x3b]]
  return Uint8Array.from(parts.flat())
}

describe('decodeGif', () => {
  it('reads codes of growing width', () => {
    // clear, 0, 1, then the string "0 1" (6) by its code
    const picture = decodeGif(gif(2, 2, packCodes(3, 4, 0, 1, 6)), LIMITS)
    expect([...picture.data]).toEqual([...RED_AND_BLUE, ...RED_AND_BLUE])
  })

  it('reads a string that is being defined by its own code', () => {
    // clear, 1, then "1 1" (6) before it is in the table
    const picture = decodeGif(gif(3, 1, packCodes(3, 4, 1, 6)), LIMITS)
    expect([...picture.data]).toEqual([0, 0, 255, 0, 0, 255, 0, 0, 255])
  })

  it('ignores what follows the last pixel', () => {
    const bytes = gif(1, 1, packCodes(3, 4, 1, 7, 7, 7))
    expect([...decodeGif(bytes, LIMITS).data]).toEqual([0, 0, 255])
  })

  it.each([
    ['end before the last pixel', gif(2, 2, packCodes(3, 4, 0, 1, 5)), /end too early/],
    ['stop without an end code', gif(2, 2, packCodes(3, 4, 0)), /end too early/],
    ['name a string too early', gif(2, 2, packCodes(3, 4, 0, 7)), /not there/],
    ['begin with a string', gif(2, 2, packCodes(3, 4, 6)), /not there/],
    ['have codes of no bits', gif(1, 1, packCodes(3, 4, 0), 0), /code size is 0/],
    ['have codes of 13 bits', gif(1, 1, packCodes(3, 4, 0), 12), /code size is 12/],
  ])('refuses pixel data that %s', async (_, bytes, message) => {
    const error = await caughtError(() => decodeGif(bytes, LIMITS))
    expect(error.code).toBe('invalid_image')
    expect(error.message).toMatch(message)
  })

  it('refuses a file without a frame', () => {
    const bytes = Uint8Array.from([...gif(1, 1, []).subarray(0, 19), 0x3b])
    expect(() => decodeGif(bytes, LIMITS)).toThrow(/it has no frame/)
    expect(() => decodeGif(bytes.subarray(0, 19), LIMITS)).toThrow(/ends before its first frame/)
  })

  it('decides by the canvas, not only by the screen, whether a picture is too large', () => {
    const bytes = gif(1, 1, packCodes(3, 4, 0))
    new DataView(bytes.buffer).setUint16(20, 65_535, true) // the frame's left edge
    expect(() => decodeGif(bytes, LIMITS)).toThrow(
      expect.objectContaining({ code: 'image_too_large' }),
    )
  })

  it('fills a table of 4096 strings and goes on', () => {
    const picture = decodeGif(readPicture('gif-table-full.gif'), LIMITS)
    expect([picture.width, picture.height]).toEqual([120, 90])
  })
})
