import { readFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { sha256 } from '../../../../../test/support/picture-fixtures.ts'
import { decodePicture } from '../decode.ts'
import { readExifOrientation } from './exif.ts'
import { readPngMetadata } from './png.ts'
import { readXmpOrientation } from './xmp.ts'

const FOLDER = new URL('../../../../../test/fixtures/orientation/', import.meta.url)
const Expected = z.object({
  pictures: z.record(
    z.string(),
    z.object({ size: z.tuple([z.number(), z.number()]), rgb: z.string() }),
  ),
})
const { pictures } = Expected.parse(
  JSON.parse(readFileSync(new URL('orientations.json', FOLDER), 'utf8')),
)

describe('a picture that is stored turned', () => {
  it.each(Object.entries(pictures))(
    'is turned upright as Pillow does: %s',
    async (name, expected) => {
      const file = readFileSync(new URL(name, FOLDER))
      const picture = await decodePicture(file, { applyOrientation: true })
      expect([picture.width, picture.height]).toEqual(expected.size)
      // AVIF is a level away, in every form of it.
      if (!name.endsWith('.avif')) expect(sha256(picture.data)).toBe(expected.rgb)
    },
  )
})

/** A chunk of a PNG; nothing here looks at checksums. */
function chunk(type: string, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(bytes.length)
  head.write(type, 4)
  return Buffer.concat([head, bytes, Buffer.alloc(4)])
}

function png(...chunks: Buffer[]): Buffer {
  return Buffer.concat([Buffer.alloc(8), ...chunks])
}

describe('metadata that is damaged or forged', () => {
  it.each([
    ['no bytes', ''],
    ['no byte order', 'Exif\0\0XX\0*\0\0\0\b'],
    ['a directory past its end', 'II*\0\xff\xff\xff\xff'],
    ['more tags than bytes', 'MM\0*\0\0\0\b\xff\xff\x01'],
  ])('says nothing: EXIF with %s', (_, text) => {
    expect(readExifOrientation(Buffer.from(text, 'latin1'))).toBeUndefined()
  })

  it('says nothing: chunks cut short, without keyword, or that are bombs', () => {
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024))
    const keyword = Buffer.from('Raw profile type exif\0\0')
    expect(readPngMetadata(png(chunk('zTXt', Buffer.concat([keyword, bomb]))))).toEqual({})
    expect(readPngMetadata(png(chunk('zTXt', 'Raw profile type exif')))).toEqual({})
    expect(readPngMetadata(png(chunk('iTXt', 'XML:com.adobe.xmp\0')))).toEqual({})
    expect(readPngMetadata(png(chunk('eXIf', 'II')).subarray(0, 15))).toEqual({})
    expect(readPngMetadata(Buffer.alloc(3))).toEqual({})
  })

  it('takes time in proportion to the packet, also for hostile text', () => {
    const hostile = Buffer.from('tiff:Orientation'.padEnd(2_000_000, ' '))
    expect(readXmpOrientation(hostile)).toBeUndefined()
  })
})
