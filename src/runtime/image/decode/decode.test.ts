import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../../test/support/caught-error.ts'
import {
  createLcg,
  EXACT_PICTURES,
  INEXACT_PICTURES,
  MISREAD_BY_PILLOW,
  PICTURES,
  readPicture,
  REFUSED_PICTURES,
  sha256,
} from '../../../../test/support/picture-fixtures.ts'
import { FlocapError } from '../../../base/errors.ts'
import { sharp } from '../sharp.ts'
import { decodePicture } from './decode.ts'
import { isTimeout } from './libvips.ts'
import type { Picture } from '../picture.ts'

const asReference = { applyOrientation: false }
const upright = { applyOrientation: true }

/** Files small enough to be cut at every byte, at least one of each format and coding. */
const CUT = [
  'jpg-size-1x1.jpg',
  'jpg-grey.jpg',
  'jpg-progressive.jpg',
  'png-size-1x37.png',
  'png-palette-2.png',
  'gif-two-colours.gif',
  'webp-lossy.webp',
  'avif-grey.avif',
  'heic-odd-size.heic',
  'icon-1.ico',
  'tga-grey-rle.tga',
  'netpbm-bits-text.pbm',
  'netpbm-grey-16.pgm',
  'qoi-flat.qoi',
  'tiff-bilevel-group4.tiff',
  'bmp-1.bmp',
  'bmp-4-rle.bmp',
]

/** Decoded in a thread of its own for each picture, a tenth of a second: the costly ones here. */
const isThreaded = (name: string): boolean => /\.(?:heic|jxl)$/.test(name)

const REFUSALS = [
  'invalid_image',
  'unsupported_image_format',
  'empty_image_file',
  'image_too_large',
]

async function outcome(bytes: Uint8Array): Promise<Picture | FlocapError> {
  try {
    return await decodePicture(bytes, upright)
  } catch (error) {
    if (error instanceof FlocapError) return error
    throw error
  }
}

describe('decodePicture', () => {
  it.each(EXACT_PICTURES)('decodes %s to the bytes that Pillow gives', async (name, expected) => {
    // The codecs in threads turn a picture by themselves: it must not be turned again on request.
    const view = isThreaded(name) && !expected.upright ? upright : asReference
    const picture = await decodePicture(readPicture(name), view)
    expect([picture.width, picture.height]).toEqual(expected.size)
    expect(picture.data).toHaveLength(picture.width * picture.height * 3)
    expect(sha256(picture.data)).toBe(expected.rgb)
  })

  it.each(EXACT_PICTURES.filter(([name, { upright: turned }]) => turned || !isThreaded(name)))(
    'turns %s upright as Pillow would on request',
    async (name, { size, rgb, upright: turned }) => {
      const picture = await decodePicture(readPicture(name), upright)
      expect([picture.width, picture.height]).toEqual(turned?.size ?? size)
      expect(sha256(picture.data)).toBe(turned?.rgb ?? rgb)
    },
  )

  it.each(Object.entries(INEXACT_PICTURES))(
    'decodes %s within its tolerance',
    async (name, tolerance) => {
      const picture = await decodePicture(readPicture(name), upright)
      const expected = await decodePicture(readPicture(`${name}.expected.png`), upright)
      expect([picture.width, picture.height]).toEqual([expected.width, expected.height])
      let largest = 0
      let sum = 0
      for (const [i, value] of picture.data.entries()) {
        const difference = Math.abs(value - (expected.data[i] ?? 0))
        largest = Math.max(largest, difference)
        sum += difference
      }
      expect(largest).toBeLessThanOrEqual(tolerance.largest)
      expect(sum / picture.data.length).toBeLessThanOrEqual(tolerance.mean)
      expect(largest).toBeGreaterThan(0) // else it belongs among the exact ones
    },
  )

  it.each(Object.entries(MISREAD_BY_PILLOW))('decodes %s as what it shows', async (name, same) => {
    const picture = await decodePicture(readPicture(name), asReference)
    expect(sha256(picture.data)).toBe(PICTURES[same]?.rgb)
    expect(PICTURES[name]?.rgb).not.toBe(PICTURES[same]?.rgb) // else it belongs among the exact ones
  })

  it.each([
    'heic-alpha.heic',
    'jxl-lossless-alpha.jxl',
    'icon-32.ico',
    'icon-png-alpha.ico',
    'icon-8.ico',
    'tga-rgba-rle.tga',
    'tga-grey-alpha.tga',
    'qoi-rgba.qoi',
  ])('puts %s on a background', async (name) => {
    const file = readPicture(name)
    const [white, red] = await Promise.all(
      (['white', '#ff0000'] as const).map(async (background) => {
        const { data } = await decodePicture(file, { ...upright, background })
        return data.subarray(0, 3)
      }),
    )
    // The first pixel is all but transparent in each.
    expect(Math.min(...(white ?? []))).toBeGreaterThan(240)
    expect([...(red ?? [])].map((value) => Math.round(value / 255))).toEqual([1, 0, 0])
  })

  it('knows all eight orientations', () => {
    const turned = EXACT_PICTURES.filter(
      ([name, { upright: u }]) => name.startsWith('jpg-orientation') && u,
    )
    expect(turned).toHaveLength(7) // 1 is upright already
  })

  it('takes a view of a larger buffer, and leaves the bytes alone', async () => {
    const file = readPicture('jpg-420.jpg')
    const buffer = Buffer.concat([Buffer.alloc(7), file, Buffer.alloc(5)])
    const before = sha256(buffer)
    const picture = await decodePicture(buffer.subarray(7, 7 + file.length), upright)
    expect(sha256(picture.data)).toBe(PICTURES['jpg-420.jpg']?.rgb)
    expect(sha256(buffer)).toBe(before)
  })

  it('says so when there are no bytes', async () => {
    const error = await caughtError(() => decodePicture(new Uint8Array(), upright))
    expect(error.code).toBe('empty_image_file')
  })

  it('says what a file of another kind looks like and what is supported', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    const error = await caughtError(() => decodePicture(svg, upright))
    expect(error.code).toBe('unsupported_image_format')
    expect(error.message).toBe(
      'Expected a picture as JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC, JPEG XL, Windows icon, TGA, Netpbm or QOI, but the bytes look like an SVG drawing.',
    )
  })

  it('shows the first bytes of a file that it does not know', async () => {
    const bytes = Uint8Array.of(0, 255, 16, 1, 2, 3, 4, 5, 6, 7)
    const error = await caughtError(() => decodePicture(bytes, upright))
    expect(error.code).toBe('unsupported_image_format')
    expect(error.message).toContain('(00 ff 10 01 02 03 04 05)')
  })

  it.each(REFUSED_PICTURES)('refuses %s with its reason', async (name) => {
    const error = await caughtError(() => decodePicture(readPicture(name), upright))
    expect(error.code).toBe('unsupported_image_format')
    expect(error.message).toMatch(/^This TIFF file has /)
  })

  it('keeps the words of the decoder out of the message, for the log', async () => {
    const cut = readPicture('png-rgb-8.png').subarray(0, 900)
    const error = await caughtError(() => decodePicture(cut, upright))
    expect(error.message).toBe(
      'The PNG file cannot be decoded: its pixel data are damaged or end too early.',
    )
    expect(error.cause).toBeInstanceOf(Error)
  })
})

describe('limits', () => {
  it.each([
    'png-rgb-8.png',
    'jpg-420.jpg',
    'webp-lossy.webp',
    'gif-palette.gif',
    'bmp-24.bmp',
    'tiff-rgb-lzw.tiff',
    'avif-444.avif',
    'heic-420.heic',
    'jxl-lossy.jxl',
    'icon-256.ico',
    'tga-rgb.tga',
    'qoi-rgb.qoi',
  ])('refuses %s by its header when it has more pixels than allowed', async (name) => {
    const limits = { maxPixels: 1000, maxSide: 100 }
    await expect(decodePicture(readPicture(name), { ...upright, limits })).rejects.toMatchObject({
      code: 'image_too_large',
    })
    const sides = { maxPixels: 1e6, maxSide: 40 }
    await expect(
      decodePicture(readPicture(name), { ...upright, limits: sides }),
    ).rejects.toMatchObject({ code: 'image_too_large' })
  })

  it('does not look at pixels for that', async () => {
    // A header that announces 2.5 gigapixels, and nothing behind it.
    const png = Buffer.from(readPicture('png-rgb-8.png').subarray(0, 60))
    png.writeUInt32BE(50_000, 16)
    png.writeUInt32BE(50_000, 20)
    const crc = await import('node:zlib').then(({ crc32 }) => crc32(png.subarray(12, 29)))
    png.writeUInt32BE(crc, 29)
    await expect(decodePicture(png, upright)).rejects.toMatchObject({ code: 'image_too_large' })
  })
})

describe('isTimeout', () => {
  it("knows sharp's words for a picture that takes too long", async () => {
    const slow = sharp(Buffer.alloc(3000 * 3000 * 3, 9), {
      raw: { width: 3000, height: 3000, channels: 3 },
    })
      .blur(90)
      .timeout({ seconds: 1 })
    const error = await slow
      .median(31)
      .png()
      .toBuffer()
      .catch((reason: unknown) => reason)
    expect(isTimeout(error)).toBe(true)
    expect(isTimeout(new Error('VipsJpeg: premature end'))).toBe(false)
  })
})

describe('damaged files', () => {
  it.each(CUT)('%s cut at any byte is refused or decoded, never a crash', async (name) => {
    const whole = readPicture(name)
    const size = PICTURES[name]?.size
    for (let length = 0; length < whole.length; length += 1) {
      const result = await outcome(whole.subarray(0, length))
      if (result instanceof FlocapError) expect(REFUSALS.slice(0, 3)).toContain(result.code)
      else expect([result.width, result.height]).toEqual(size)
    }
  })

  it.each([
    'jpg-grey.jpg',
    'jpg-progressive.jpg',
    'webp-lossy.webp',
    'avif-grey.avif',
    'bmp-1.bmp',
  ])('%s without its last 20 bytes is refused', async (name) => {
    const result = await outcome(readPicture(name).subarray(0, -20))
    expect(result).toMatchObject({ code: 'invalid_image' })
  })

  it('500 files with changed bytes are refused or decoded, never a crash', async () => {
    const next = createLcg(2026)
    // Thousands of damaged HEIC and JPEG XL: `npm run faults:pictures`.
    const names = Object.keys(PICTURES).filter((name, i) => !isThreaded(name) || i % 5 === 0)
    let decoded = 0
    for (let i = 0; i < 500; i += 1) {
      const bytes = Uint8Array.from(readPicture(names[i % names.length] ?? ''))
      for (let change = 0; change <= i % 4; change += 1) {
        bytes[(next() >>> 8) % bytes.length] = next() >>> 24
      }
      const result = await outcome(bytes)
      if (result instanceof FlocapError) expect(REFUSALS).toContain(result.code)
      else decoded += 1
    }
    expect(decoded).toBeGreaterThan(50)
  })

  it('files that are noise behind a good beginning are refused or decoded, never a crash', async () => {
    let refused = 0
    const heads = [
      'jpg-420.jpg',
      'png-rgb-8.png',
      'gif-palette.gif',
      'bmp-8-rle.bmp',
      'tiff-cmyk.tiff',
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...heads),
        fc.integer({ min: 8, max: 700 }),
        fc.uint8Array({ maxLength: 300 }),
        async (name, length, noise) => {
          const result = await outcome(
            Buffer.concat([readPicture(name).subarray(0, length), noise]),
          )
          if (result instanceof FlocapError) expect(REFUSALS).toContain(result.code)
          refused += Number(result instanceof FlocapError)
        },
      ),
      { numRuns: 150 },
    )
    expect(refused).toBeGreaterThan(50)
  })
})
