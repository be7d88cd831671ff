import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PICTURES, readPicture } from '../../../../test/support/picture-fixtures.ts'
import { isPictureFormat, sniffFormat } from './sniff.ts'

const FORMAT_OF_ENDING: Readonly<Record<string, string>> = {
  jpg: 'jpeg',
  png: 'png',
  webp: 'webp',
  gif: 'gif',
  bmp: 'bmp',
  tiff: 'tiff',
  avif: 'avif',
  heic: 'heic',
  jxl: 'jxl',
  ico: 'ico',
  cur: 'ico',
  tga: 'tga',
  pbm: 'netpbm',
  pgm: 'netpbm',
  ppm: 'netpbm',
  qoi: 'qoi',
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

/** The first box of an ISO media file. */
function fileTypeBox(brand: string, ...compatible: string[]): Uint8Array {
  const size = 16 + 4 * compatible.length
  return bytes(`\0\0\0${String.fromCharCode(size)}ftyp${brand}\0\0\0\0${compatible.join('')}mdat`)
}

describe('sniffFormat', () => {
  it.each(Object.keys(PICTURES))('recognises %s', (name) => {
    const ending = name.slice(name.lastIndexOf('.') + 1)
    expect(sniffFormat(readPicture(name))).toBe(FORMAT_OF_ENDING[ending])
  })

  it.each([
    ['heic', fileTypeBox('heic', 'mif1', 'heic')],
    ['heic', fileTypeBox('mif1', 'mif1', 'heic')],
    ['heic', fileTypeBox('hevc')],
    ['avif', fileTypeBox('avif', 'mif1', 'miaf')],
    ['avif', fileTypeBox('mif1', 'avif', 'miaf')],
    ['avif', fileTypeBox('avis', 'msf1')],
    ['video', fileTypeBox('isom', 'mp41')],
    ['video', bytes('\x1aE\xdf\xa3rest')],
    ['jxl', bytes('\xff\x0arest')],
    ['jxl', bytes('\0\0\0\x0cJXL \r\n\x87\n')],
    ['jp2', bytes('\0\0\0\x0cjP  \r\n\x87\n')],
    ['jp2', bytes('\xff\x4f\xff\x51\0')],
    ['raw_canon', bytes('II*\0\x10\0\0\0CR\x02\0')],
    ['raw_canon', fileTypeBox('crx ', 'crx ', 'isom')],
    ['raw_fuji', bytes('FUJIFILMCCD-RAW 0201')],
    ['raw_olympus', bytes('IIRO\x08\0\0\0')],
    ['raw_panasonic', bytes('IIU\0\x18\0\0\0')],
    ['raw_sigma', bytes('FOVb\0\0')],
    ['raw_minolta', bytes('\0MRM\0\0')],
    ['video', bytes('\0\0\0\x08wide')],
    ['video', bytes('FLV\x01\x05')],
    ['xcf', bytes('gimp xcf v011')],
    ['postscript', bytes('%!PS-Adobe-3.0')],
    ['djvu', bytes('AT&TFORM')],
    ['dds', bytes('DDS |\0\0\0')],
    ['git_lfs', bytes('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a')],
    ['address', bytes('https://example.com/photo.jpg')],
    ['svg', bytes('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['svg', bytes('\xef\xbb\xbf<?xml version="1.0"?>\n<!-- made by hand -->\n<svg width="1">')],
    ['pdf', bytes('%PDF-1.7')],
    ['ico', bytes('\0\0\x01\0\x01\0')],
    ['ico', bytes('\0\0\x02\0\x01\0\x20\x20\0\0')],
    // The same four bytes, but no count of entries.
    ['tga', bytes('\0\0\x02\0\0\0\0\0\0\0\0\0\x20\0\x20\0\x18\0')],
    ['psd', bytes('8BPS\0\x01')],
    ['exr', bytes('v/1\x01')],
    ['qoi', bytes('qoif')],
    ['netpbm', bytes('P6\n2 2\n255\n')],
    ['zip', bytes('PK\x03\x04')],
    ['gzip', bytes('\x1f\x8b\x08')],
    ['html', bytes('\n<!DOCTYPE html><html>')],
    ['json', bytes('{"error": "not found"}')],
    ['data_url', bytes('data:image/png;base64,iVBORw0KGgo=')],
    ['tiff', bytes('MM\0+')],
    ['jpeg', bytes('\xff\xd8\xff')],
  ] as const)('recognises %s by its first bytes', (format, start) => {
    expect(sniffFormat(start)).toBe(format)
    expect(isPictureFormat(format)).toBe(Object.values(FORMAT_OF_ENDING).includes(format))
  })

  it.each([
    ['nothing', ''],
    ['one byte', 'B'],
    ['a sentence that begins like a bitmap', 'BMW builds cars, among other things.'],
    ['half a PNG signature', '\x89PNG\r\n'],
    ['a RIFF file of another kind', 'RIFF\x10\0\0\0WAVEfmt '],
    ['plain text', 'just a text'],
    ['a sentence that begins like a Netpbm picture', 'P3 is where the car is parked.'],
    ['XML of another kind', '<?xml version="1.0"?><feed/>'],
    ['an SVG named far inside', `${' '.repeat(2000)}<svg>`],
  ])('recognises nothing in %s', (_, text) => {
    expect(sniffFormat(bytes(text))).toBeUndefined()
  })

  it('looks at the bytes of a view, not at its whole buffer', () => {
    const whole = Buffer.concat([bytes('GIF89a'), readPicture('png-rgb-8.png')])
    expect(sniffFormat(whole.subarray(6))).toBe('png')
  })

  it('takes any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom('', '\0\0\0\x20ftyp', 'BM', '<'),
        (tail, head) => {
          expect(() => sniffFormat(Buffer.concat([bytes(head), tail]))).not.toThrow()
        },
      ),
    )
  })
})
