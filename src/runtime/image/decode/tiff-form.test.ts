import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../../test/support/caught-error.ts'
import { PICTURES, readPicture } from '../../../../test/support/picture-fixtures.ts'
import { readTiffForm } from './tiff-form.ts'

/** The fixture with the value of one tag changed; little-endian, classic TIFF, one short value. */
function changed(name: string, tag: number, value: number): Uint8Array {
  return edited(readPicture(name), tag, (view, at) => view.setUint32(at + 8, value, true))
}

function edited(
  file: Uint8Array,
  tag: number,
  edit: (view: DataView, at: number) => void,
): Uint8Array {
  const bytes = Uint8Array.from(file)
  const view = new DataView(bytes.buffer)
  const directory = view.getUint32(4, true)
  const count = view.getUint16(directory, true)
  for (let i = 0; i < count; i += 1) {
    const at = directory + 2 + 12 * i
    if (view.getUint16(at, true) === tag) {
      edit(view, at)
      return bytes
    }
  }
  throw new Error(`The file has no tag ${tag}.`)
}

/** As a file of tiles in separate planes announces itself; nothing behind the tags is read. */
function inPlanesOfTiles(): Uint8Array {
  const ROWS_PER_STRIP = 278
  const TILE_WIDTH = 322
  return edited(changed('tiff-rgb-raw.tiff', 284, 2), ROWS_PER_STRIP, (view, at) =>
    view.setUint16(at, TILE_WIDTH, true),
  )
}

const REFUSED = ['tiff-rgb-zstd.tiff', 'tiff-lab.tiff']

describe('readTiffForm', () => {
  const readable = Object.keys(PICTURES).filter(
    (name) => name.endsWith('.tiff') && !REFUSED.includes(name),
  )

  it.each(readable)('lets %s through', (name) => {
    const isDeepGrey = name.startsWith('tiff-grey-16')
    const hasAlpha = /rgba|alpha/.test(name)
    expect(readTiffForm(readPicture(name))).toEqual({ isDeepGrey, hasAlpha })
  })

  it.each([
    ['Zstandard compression', readPicture('tiff-rgb-zstd.tiff'), /compressed by Zstandard/],
    ['LAB colours', readPicture('tiff-lab.tiff'), /colour space CIELab/],
    ['YCbCr without JPEG', changed('tiff-rgb-raw.tiff', 262, 6), /colour space YCbCr/],
    ['a raw file of a camera', changed('tiff-rgb-raw.tiff', 262, 32_803), /raw file of a camera/],
    ['raw samples of a Nikon', changed('tiff-rgb-raw.tiff', 259, 34_713), /raw file of a camera/],
    [
      'a coding of the future',
      changed('tiff-rgb-raw.tiff', 259, 9999),
      /compressed by method 9999/,
    ],
    ['LZMA', changed('tiff-rgb-raw.tiff', 259, 34_925), /compressed by LZMA/],
    ['old-style JPEG', changed('tiff-rgb-raw.tiff', 259, 6), /compressed by old-style JPEG/],
    ['16-bit grey with white as 0', changed('tiff-grey-16.tiff', 262, 0), /16-bit unsigned/],
    ['8-bit signed grey', changed('tiff-grey-16-signed.tiff', 258, 8), /8-bit signed/],
    ['12-bit grey', changed('tiff-grey-16.tiff', 258, 12), /12-bit unsigned/],
    ['a colour space of the future', changed('tiff-grey-16.tiff', 262, 9999), /colour space 9999/],
    ['planes of tiles', inPlanesOfTiles(), /separate planes of tiles/],
    ['premultiplied grey', changed('tiff-grey-alpha.tiff', 338, 1), /multiplied with its alpha/],
  ])('refuses %s', async (_, bytes, message) => {
    const error = await caughtError(() => readTiffForm(bytes))
    expect(error.code).toBe('unsupported_image_format')
    expect(error.message).toMatch(message)
  })

  it.each([
    ['its first directory lies outside', Uint8Array.of(0x49, 0x49, 42, 0, 255, 255, 255, 255)],
    ['it stops inside the header', Uint8Array.of(0x4d, 0x4d, 0, 42, 0)],
    ['its directory has 65535 tags', Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0, 255, 255)],
  ])('calls a file damaged when %s', (_, bytes) => {
    expect(() => readTiffForm(bytes)).toThrow(expect.objectContaining({ code: 'invalid_image' }))
  })
})
