// What jxl-oxide makes of whole files is checked in decode.test.ts; here are its bounds.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../../../test/support/caught-error.ts'
import { createLcg, readPicture } from '../../../../../test/support/picture-fixtures.ts'
import { FlocapError } from '../../../../base/errors.ts'
import { decodePicture } from '../decode.ts'
import { DEFAULT_PICTURE_LIMITS } from '../limits.ts'
import { readJxlHeader } from './codestream.ts'
import { decodeJxlToPng } from './jxl.ts'

/** A codestream's beginning: `[value, bits]` from the lowest bit up. */
function codestream(...fields: readonly (readonly [value: number, bits: number])[]): Uint8Array {
  const bits = fields.flatMap(([value, count]) =>
    Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** i) % 2),
  )
  const bytes = new Uint8Array(2 + Math.ceil(bits.length / 8) + 8)
  bytes.set([0xff, 0x0a])
  for (const [i, bit] of bits.entries()) bytes[2 + (i >> 3)]! |= bit << (i & 7)
  return bytes
}

/** A side of at most 2 ** 30 as the longest of four forms, after its selector. */
const side = (pixels: number): [number, number][] => [
  [3, 2],
  [pixels - 1, 30],
]
const LARGE = [[0, 1], ...side(70_000), [0, 3], ...side(60_000)] as [number, number][]
/** 8x8; then fields of metadata, and no extra fields. */
const SMALL: [number, number][] = [
  [1, 1],
  [0, 5],
  [1, 3],
]
const METADATA: [number, number][] = [
  [0, 1], // not all defaults
  [0, 1], // no extra fields
  [0, 3], // 8 bits
  [1, 1],
]

describe('readJxlHeader', () => {
  it.each([
    ['jxl-lossy.jxl', 64, 48],
    ['jxl-lossless-odd-size.jxl', 41, 31],
    ['jxl-lossless-boxed.jxl', 64, 48],
    ['jxl-orientation-5.jxl', 64, 48], // as stored
  ])('reads the size of %s', (name, width, height) => {
    expect(readJxlHeader(readPicture(name))).toEqual({ width, height, hasBlack: false })
  })

  it('reads long sides, and a ratio instead of the width', () => {
    expect(readJxlHeader(codestream(...LARGE, [1, 1]))).toMatchObject({
      height: 70_000,
      width: 60_000,
    })
    const wide = codestream([0, 1], [1, 2], [899, 13], [5, 3], [1, 1])
    expect(readJxlHeader(wide)).toMatchObject({ height: 900, width: 1600 })
  })

  it('finds black ink behind other channels', () => {
    const channels: [number, number][] = [
      [2, 2],
      [0, 4], // two of them
      [1, 1], // the first is alpha
      [0, 1],
      [2, 2],
      [2, 4], // the second black
      [0, 3],
      [0, 2],
      [0, 2],
    ]
    expect(readJxlHeader(codestream(...SMALL, ...METADATA, ...channels)).hasBlack).toBe(true)
    expect(readJxlHeader(codestream(...SMALL, ...METADATA, [0, 2])).hasBlack).toBe(false)
  })

  it('is refused, never a crash, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
        for (const head of ['\xff\x0a', '\0\0\0\x0cJXL \r\n\x87\n']) {
          try {
            readJxlHeader(Buffer.concat([Buffer.from(head, 'latin1'), tail]))
          } catch (error) {
            expect(error).toBeInstanceOf(FlocapError)
          }
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('decodeJxlToPng', () => {
  it('refuses CMYK by name', async () => {
    const cmyk = codestream(...SMALL, ...METADATA, [1, 2], [0, 1], [2, 2], [2, 4], [0, 7])
    const error = await caughtError(() => decodeJxlToPng(cmyk, DEFAULT_PICTURE_LIMITS))
    expect(error.code).toBe('unsupported_image_format')
    expect(error.message).toContain('CMYK')
  })

  it('refuses by its header what announces too many pixels', async () => {
    const error = await caughtError(() =>
      decodeJxlToPng(codestream(...LARGE, [1, 1]), DEFAULT_PICTURE_LIMITS),
    )
    expect(error.code).toBe('image_too_large')
  })

  it('decodes or refuses 20 damaged files', async () => {
    const next = createLcg(3)
    const names = ['jxl-lossy.jxl', 'jxl-lossless-alpha.jxl', 'jxl-lossless-boxed.jxl']
    for (let i = 0; i < 20; i += 1) {
      const bytes = Buffer.from(readPicture(names[i % names.length]!))
      bytes[8 + ((next() >>> 8) % (bytes.length - 8))] = next() >>> 24
      const result = await decodePicture(bytes, { applyOrientation: true }).catch(
        (error: unknown) => error,
      )
      if (result instanceof Error) expect(result).toBeInstanceOf(FlocapError)
    }
    const { width } = await decodePicture(readPicture('jxl-lossy.jxl'), { applyOrientation: true })
    expect(width).toBe(64)
  })
})
