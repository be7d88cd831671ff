// What libheif makes of whole files is checked in decode.test.ts; here are its bounds.
import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../../../test/support/caught-error.ts'
import { createLcg, readPicture, sha256 } from '../../../../../test/support/picture-fixtures.ts'
import { FlocapError } from '../../../../base/errors.ts'
import { decodePicture } from '../decode.ts'
import { DEFAULT_PICTURE_LIMITS } from '../limits.ts'
import { decodeHeic } from './heif.ts'

const LIMITS = DEFAULT_PICTURE_LIMITS

/** Every `ispe` of the file says another size. */
function announcing(name: string, width: number, height: number): Buffer {
  const bytes = Buffer.from(readPicture(name))
  for (let at = bytes.indexOf('ispe'); at >= 0; at = bytes.indexOf('ispe', at + 4)) {
    bytes.writeUInt32BE(width, at + 8)
    bytes.writeUInt32BE(height, at + 12)
  }
  return bytes
}

function renamed(name: string, from: string, to: string): Buffer {
  const bytes = Buffer.from(readPicture(name))
  bytes.write(to, bytes.indexOf(from, 32, 'latin1'), 'latin1')
  return bytes
}

describe('decodeHeic', () => {
  it('refuses by its header what announces too many pixels, however little it is', async () => {
    const error = await caughtError(() =>
      decodeHeic(announcing('heic-420.heic', 60_000, 60_000), LIMITS),
    )
    expect(error.code).toBe('image_too_large')
    expect(error.message).toContain('60000x60000')
  })

  it('refuses large tiles under a small grid', async () => {
    const bytes = Buffer.from(readPicture('heic-grid.heic'))
    const at = bytes.indexOf('ispe', bytes.indexOf('ispe') + 4)
    bytes.writeUInt32BE(65_000, at + 8)
    bytes.writeUInt32BE(65_000, at + 12)
    await expect(decodeHeic(bytes, LIMITS)).rejects.toMatchObject({ code: 'image_too_large' })
  })

  it('does not decode more pixels than allowed when the header says less than the picture has', async () => {
    const limits = { ...LIMITS, maxPixels: 2000 }
    const lying = announcing('heic-420.heic', 40, 40)
    const error = await caughtError(() => decodeHeic(lying, limits))
    expect(['image_too_large', 'invalid_image']).toContain(error.code)
  })

  it.each([
    ['avc1', 'a picture coded as H.264 (AVC)'],
    ['jpeg', 'a picture coded as JPEG'],
    ['xyz1', 'a picture coded as "xyz1"'],
  ])('refuses a HEIF file of %s by name', async (coding, words) => {
    const error = await caughtError(() =>
      decodeHeic(renamed('heic-420.heic', 'hvc1', coding), LIMITS),
    )
    expect(error.code).toBe('unsupported_image_format')
    expect(error.message).toContain(words)
  })

  it('reads an AVIF picture that has only a general brand', async () => {
    const avif = Buffer.from(readPicture('avif-444.avif'))
    const general = Buffer.from(avif)
    for (let at = 8; at < avif.readUInt32BE(0); at += 4)
      if (at !== 12) general.write('mif1', at, 'latin1')
    const options = { applyOrientation: true }
    const expected = await decodePicture(avif, options)
    expect(sha256((await decodePicture(general, options)).data)).toBe(sha256(expected.data))
  })

  it('gives alpha where it is wanted, and the same colours without', async () => {
    const file = readPicture('heic-alpha.heic')
    const [plain, full] = [await decodeHeic(file, LIMITS), await decodeHeic(file, LIMITS, true)]
    expect(plain.alpha).toBeUndefined()
    expect(sha256(full.data)).toBe(sha256(plain.data))
    const row = [...(full.alpha?.subarray(0, 96) ?? [])]
    expect(full.alpha).toHaveLength(96 * 64)
    // A ramp, as lossy coding leaves it.
    expect(row[0]).toBeLessThan(8)
    expect(row[47]).toBeGreaterThan(100)
    expect(row.at(-1)).toBeGreaterThan(247)
    expect((await decodeHeic(readPicture('heic-420.heic'), LIMITS, true)).alpha).toBeUndefined()
  })

  it('takes a JPEG for a JPEG, whatever it is called', async () => {
    const { format } = await decodePicture(readPicture('jpg-420.jpg'), { applyOrientation: true })
    expect(format).toBe('jpeg')
  })

  it('decodes or refuses 30 damaged files, and the next picture is as ever', async () => {
    const next = createLcg(7)
    const names = ['heic-420.heic', 'heic-grid.heic', 'heic-10-bit.heic', 'heic-turned-90.heic']
    const outcomes = { decoded: 0, refused: 0 }
    for (let i = 0; i < 30; i += 1) {
      const bytes = Buffer.from(readPicture(names[i % names.length]!))
      // In the coded pixels, which the structure's own test does not reach.
      const from = i % 2 === 0 ? bytes.indexOf('mdat') + 8 : 0
      for (let change = 0; change <= i % 5; change += 1) {
        bytes[from + ((next() >>> 8) % (bytes.length - from))] = next() >>> 24
      }
      try {
        await decodeHeic(bytes, LIMITS)
        outcomes.decoded += 1
      } catch (error) {
        expect(error).toBeInstanceOf(FlocapError)
        outcomes.refused += 1
      }
    }
    expect(outcomes.decoded).toBeGreaterThan(5)
    expect(outcomes.refused).toBeGreaterThan(0) // libheif paints over most damage
    const { data } = await decodeHeic(readPicture('heic-420.heic'), LIMITS)
    expect(data).toHaveLength(96 * 64 * 3)
  })
})
