// Picture files that are small, and say or hold more than a picture does: profiles, EXIF, XMP, texts,
// frames, tables. And files that are pictures only in name.
import { crc32, deflateSync, gzipSync } from 'node:zlib'
import { PICTURES, PNG } from '../../support/pictures.ts'

export interface HostilePicture {
  readonly name: string
  readonly bytes: Uint8Array
  /** Whether there is a right picture in it, which may be captioned. */
  readonly serves: boolean
}

const JPEG = PICTURES['jpeg']!
const SIGNATURE = PNG.subarray(0, 8)
const HEADER_END = 8 + 25
/** Where the pixels of the right pictures are, in a file made of one. */
const PIXELS_OF_PNG = PNG.subarray(-200)
const PIXELS_OF_JPEG = JPEG.subarray(-200)
const MEGABYTES = 40_000_000

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.byteLength)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A right PNG with more between its header and its pixels. */
const pngWith = (...chunks: readonly Buffer[]): Buffer =>
  Buffer.concat([PNG.subarray(0, HEADER_END), ...chunks, PNG.subarray(HEADER_END)])

function ihdr(width: number, height: number, depth = 8, colour = 2): Buffer {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  data[8] = depth
  data[9] = colour
  return chunk('IHDR', data)
}

const png = (header: Buffer, pixels: Uint8Array = deflateSync(Buffer.alloc(1000))): Buffer =>
  Buffer.concat([SIGNATURE, header, chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])

const latin = (text: string): Buffer => Buffer.from(text, 'latin1')
const bomb = deflateSync(Buffer.alloc(MEGABYTES, 'A'))

function segment(marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.byteLength + 2, 2)
  return Buffer.concat([head, data])
}

/** A right JPEG with segments behind its first marker. */
const jpegWith = (...segments: readonly Buffer[]): Buffer =>
  Buffer.concat([JPEG.subarray(0, 2), ...segments, JPEG.subarray(2)])

/** The first directory of a TIFF in Motorola's order; `next` is where it says the following one is. */
function directory(entries: readonly (readonly number[])[], next = 0): Buffer {
  const data = Buffer.alloc(8 + 2 + entries.length * 12 + 4)
  data.write('MM\0*', 0, 'latin1')
  data.writeUInt32BE(8, 4)
  data.writeUInt16BE(entries.length, 8)
  for (const [index, [tag = 0, type = 0, count = 0, value = 0]] of entries.entries()) {
    const at = 10 + index * 12
    data.writeUInt16BE(tag, at)
    data.writeUInt16BE(type, at + 2)
    data.writeUInt32BE(count, at + 4)
    data.writeUInt32BE(value, at + 8)
  }
  data.writeUInt32BE(next, data.byteLength - 4)
  return data
}

const exif = (tiff: Uint8Array): Buffer => segment(0xe1, Buffer.concat([latin('Exif\0\0'), tiff]))
const orientation = (value: number): readonly number[] => [0x0112, 3, 1, value * 65_536]
const XMP = 'http://ns.adobe.com/xap/1.0/\0'
const xmp = (text: string): Buffer => segment(0xe1, latin(`${XMP}${text}`))
const profileParts = (count: number, total: number): Buffer[] =>
  Array.from({ length: count }, (_, index) =>
    segment(
      0xe2,
      Buffer.concat([
        latin('ICC_PROFILE\0'),
        Buffer.from([index + 1, total]),
        Buffer.alloc(60_000, 65),
      ]),
    ),
  )

function box(type: string, data: Uint8Array, size = data.byteLength + 8): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(size)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, data])
}

const nested = (depth: number): Buffer =>
  Array.from({ length: depth }).reduce<Buffer>(
    (inner) => box('meta', Buffer.concat([Buffer.alloc(4), inner])),
    Buffer.alloc(0),
  )
const heic = (...boxes: readonly Buffer[]): Buffer =>
  Buffer.concat([box('ftyp', latin('heic\0\0\0\0mif1heic')), ...boxes])

function icon(count: number, offset: number): Buffer {
  const data = Buffer.alloc(6 + 16 * Math.min(count, 4000))
  data.writeUInt16LE(1, 2)
  data.writeUInt16LE(count, 4)
  for (let at = 6; at < data.byteLength; at += 16) {
    data.writeUInt32LE(0xff_ff_ff_ff, at + 8)
    data.writeUInt32LE(offset, at + 12)
  }
  return data
}

function riff(fourcc: string, data: Uint8Array, size = data.byteLength + 12): Buffer {
  const head = latin(`RIFF\0\0\0\0WEBP${fourcc}\0\0\0\0`)
  head.writeUInt32LE(size, 4)
  head.writeUInt32LE(data.byteLength, 16)
  return Buffer.concat([head, data])
}

const DOCTYPE =
  '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'

const FILES: Readonly<Record<string, Buffer>> = {
  'PNG: a profile of 40 MB in 40 kB': pngWith(chunk('iCCP', Buffer.concat([latin('p\0\0'), bomb]))),
  'PNG: a profile that is none': pngWith(
    chunk('iCCP', Buffer.concat([latin('p\0\0'), latin('not deflated')])),
  ),
  'PNG: a text of 40 MB in 40 kB': pngWith(
    chunk('zTXt', Buffer.concat([latin('Raw profile type exif\0\0'), bomb])),
  ),
  'PNG: XMP of 40 MB in 40 kB': pngWith(
    chunk('iTXt', Buffer.concat([latin('XML:com.adobe.xmp\0\x01\0\0\0'), bomb])),
  ),
  'PNG: XMP with entities': pngWith(
    chunk('iTXt', latin(`XML:com.adobe.xmp\0\0\0\0\0${DOCTYPE}<x>&b;&c;</x>`)),
  ),
  'PNG: XMP of 100,000 elements': pngWith(
    chunk('iTXt', latin(`XML:com.adobe.xmp\0\0\0\0\0${'<a>'.repeat(100_000)}`)),
  ),
  'PNG: 50,000 texts': pngWith(
    ...Array.from({ length: 50_000 }, () => chunk('tEXt', latin('a\0b'))),
  ),
  'PNG: EXIF in a circle': pngWith(
    chunk('eXIf', directory([orientation(6), [0x8769, 4, 1, 8]], 8)),
  ),
  'PNG: a billion frames': pngWith(chunk('acTL', Buffer.from('3b9aca0000000000', 'hex'))),
  'PNG: two headers': Buffer.concat([
    PNG.subarray(0, HEADER_END),
    ihdr(60_000, 60_000),
    PNG.subarray(HEADER_END),
  ]),
  'PNG: no pixels': png(ihdr(0, 0)),
  'PNG: 2^31 wide': png(ihdr(2 ** 31, 1)),
  'PNG: four billion pixels': png(ihdr(65_535, 65_535)),
  'PNG: a million wide': png(ihdr(1_000_000, 1)),
  'PNG: a depth of 3': png(ihdr(10, 10, 3)),
  'PNG: a palette that is not there': png(ihdr(10, 10, 8, 3)),
  'PNG: pixels of 40 MB for 100': png(ihdr(10, 10), bomb),
  'PNG: a chunk of 4 GB': Buffer.concat([
    PNG.subarray(0, HEADER_END),
    Buffer.from('ffffffff', 'hex'),
    latin('tEXt'),
  ]),
  'PNG: ends in its header': PNG.subarray(0, 20),
  'JPEG: a profile in 255 parts': jpegWith(...profileParts(255, 255)),
  'JPEG: a profile in parts that are missing': jpegWith(...profileParts(3, 200)),
  'JPEG: a thousand EXIFs': jpegWith(
    ...Array.from({ length: 1000 }, () => exif(directory([orientation(6)]))),
  ),
  'JPEG: EXIF in a circle': jpegWith(
    exif(directory([orientation(6), [0x8769, 4, 1, 8], [0x8825, 4, 1, 8]], 8)),
  ),
  'JPEG: EXIF of 5,000 tags': jpegWith(
    exif(directory(Array.from({ length: 5000 }, () => [0x0112, 3, 0xff_ff_ff_ff, 0xff_ff_ff_ff]))),
  ),
  'JPEG: EXIF whose values lie outside': jpegWith(
    exif(directory([[0x0112, 3, 70_000, 0x7f_ff_ff_ff]])),
  ),
  'JPEG: an orientation of 0': jpegWith(exif(directory([orientation(0)]))),
  'JPEG: an orientation of 65535': jpegWith(exif(directory([orientation(65_535)]))),
  'JPEG: XMP with entities': jpegWith(
    xmp(`${DOCTYPE}<x:xmpmeta xmlns:x="adobe:ns:meta/">&b;&c;</x:xmpmeta>`),
  ),
  'JPEG: XMP that never closes': jpegWith(xmp('<a b="'.repeat(10_000))),
  'JPEG: 500 comments of 64 kB': jpegWith(
    ...Array.from({ length: 500 }, () => segment(0xfe, Buffer.alloc(65_000, 65))),
  ),
  'JPEG: a segment of no length': jpegWith(Buffer.from('ffe10000', 'hex')),
  'JPEG: markers without end': Buffer.concat([JPEG.subarray(0, 2), Buffer.alloc(1_000_000, 0xff)]),
  'JPEG: ends behind its first marker': JPEG.subarray(0, 4),
  'JPEG: another one behind it': Buffer.concat([JPEG, JPEG, JPEG]),
  'TIFF: directories in a circle': directory(
    [
      [256, 4, 1, 1],
      [257, 4, 1, 1],
    ],
    8,
  ),
  'TIFF: 65,535 by 65,535 in one strip': directory([
    [256, 4, 1, 65_535],
    [257, 4, 1, 65_535],
    [258, 3, 1, 8 << 16],
    [259, 3, 1, 1 << 16],
    [262, 3, 1, 1 << 16],
    [273, 4, 1, 8],
    [278, 4, 1, 65_535],
    [279, 4, 1, 10],
  ]),
  'TIFF: strips without number': directory([
    [256, 4, 1, 100],
    [257, 4, 1, 100],
    [273, 4, 0xff_ff_ff_ff, 8],
    [279, 4, 0xff_ff_ff_ff, 8],
  ]),
  'TIFF: nothing behind its header': latin('II*\0\x08\0\0\0'),
  'BigTIFF: an offset of 2^63': Buffer.from('4d4d002b000800007fffffffffffffff', 'hex'),
  'HEIC: a thousand boxes in one another': heic(nested(1000)),
  'HEIC: a box of no size': heic(box('meta', Buffer.alloc(100), 0)),
  'HEIC: a box smaller than its header': heic(box('meta', Buffer.alloc(100), 3)),
  'HEIC: a box of 2^63': heic(
    Buffer.concat([box('meta', Buffer.from('7fffffffffffffff', 'hex'), 1)]),
  ),
  'AVIF: only its name': box('ftyp', latin('avif\0\0\0\0avifmif1')),
  'JPEG XL: only its name': Buffer.from('0000000c4a584c200d0a870a', 'hex'),
  'JPEG XL: random behind its name': Buffer.concat([
    Buffer.from('ff0a', 'hex'),
    Buffer.alloc(5000, 0xa7),
  ]),
  'WebP: a canvas of 16 million squared': riff('VP8X', Buffer.from('0a000000ffffffffffff', 'hex')),
  'WebP: a size of 4 GB': riff('VP8L', Buffer.alloc(20, 0x2f), 0xff_ff_ff_ff),
  'WebP: a frame that refers to itself': riff('ANMF', Buffer.alloc(100, 1)),
  'GIF: a screen of 65,535 squared': latin(
    'GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;',
  ),
  'GIF: a picture of no size': latin(
    'GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\0\0\0\0\0\x02\0;',
  ),
  'GIF: blocks without end': Buffer.concat([
    latin('GIF89a\x01\0\x01\0\0\0\0'),
    Buffer.from(latin('!\xfe\x01a\0').toString('latin1').repeat(100_000), 'latin1'),
  ]),
  'icon: 65,535 pictures': icon(65_535, 22),
  'icon: one that is itself': icon(1, 0),
  'BMP: sides below zero': Buffer.from(
    '424d4600000000000000360000002800000000000080000000800100180000000000',
    'hex',
  ),
  'BMP: a header of 4 GB': Buffer.from('424d460000000000000036000000ffffffff', 'hex'),
  'Netpbm: digits without end': latin(`P6 ${'9'.repeat(100_000)} 1 255\n`),
  'Netpbm: comments without end': latin(`P5 ${'#\n'.repeat(100_000)}`),
  'QOI: four billion squared': Buffer.from('716f6966ffffffffffffffff0400', 'hex'),
  'TGA: a palette of 65,535': Buffer.concat([
    Buffer.from('00010100ffffff20', 'hex'),
    Buffer.alloc(10, 0xff),
  ]),
  'SVG that reads a file': latin(
    `${DOCTYPE}<svg xmlns="http://www.w3.org/2000/svg"><text>&c;</text><image href="file:///etc/passwd"/></svg>`,
  ),
  'SVG that is compressed': gzipSync('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  'a script for ImageMagick': latin(
    'push graphic-context\nimage over 0,0 0,0 "https://127.0.0.1/|id"',
  ),
  'a PDF': latin('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj'),
  PostScript: latin('%!PS-Adobe-3.0\n(/etc/passwd) (r) file'),
  'a playlist': latin('#EXTM3U\nfile:///etc/passwd\n'),
  'a program': Buffer.concat([Buffer.from('7f454c46020101', 'hex'), Buffer.alloc(2000)]),
  'one byte': Buffer.from([0xff]),
  'a megabyte of zeros': Buffer.alloc(1_000_000),
}

export const HOSTILE_PICTURES: readonly HostilePicture[] = Object.entries(FILES).map(
  ([name, bytes]) => ({
    name,
    bytes,
    serves: bytes.includes(PIXELS_OF_PNG) || bytes.includes(PIXELS_OF_JPEG),
  }),
)
