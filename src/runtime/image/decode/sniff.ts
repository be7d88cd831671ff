// What kind of file the bytes are, by their first bytes alone.
//
// Clients label pictures wrongly all the time (`image/jpg`, `application/octet-stream`, a PNG called
// photo.jpeg), and a label chosen by the sender must not choose the decoder. So no label is read.

import { looksLikeTga } from './tga-header.ts'

/** Formats that FloCap decodes. An APNG is a `png`, a Windows cursor an `ico`. */
const PICTURE_FORMATS = [
  'jpeg',
  'png',
  'webp',
  'gif',
  'bmp',
  'tiff',
  'avif',
  'heic',
  'jxl',
  'ico',
  'tga',
  'netpbm',
  'qoi',
] as const

export type PictureFormat = (typeof PICTURE_FORMATS)[number]

/** Formats that are recognised only to tell the sender what the file is. */
export type OtherFormat =
  | 'jp2'
  | 'svg'
  | 'pdf'
  | 'psd'
  | 'xcf'
  | 'djvu'
  | 'postscript'
  | 'exr'
  | 'dds'
  | 'raw_canon'
  | 'raw_fuji'
  | 'raw_olympus'
  | 'raw_panasonic'
  | 'raw_sigma'
  | 'raw_minolta'
  | 'raw_tiff'
  | 'video'
  | 'zip'
  | 'gzip'
  | 'html'
  | 'json'
  | 'data_url'
  | 'address'
  | 'git_lfs'

export type SniffedFormat = PictureFormat | OtherFormat

/** Text formats are looked for in this much of the file: an XML prologue and comments may come first. */
const TEXT_WINDOW = 1024
/** Brands of an ISO media file that are read; real files carry fewer than ten. */
const MAX_BRANDS = 32

/** What a QuickTime file begins with that is older than `ftyp`. */
const QUICKTIME_BOXES = ['moov', 'mdat', 'wide', 'pnot']

const BMP_HEADER_SIZES = [12, 40, 52, 56, 64, 108, 124]

/** ASCII, with `\xNN` for the bytes that are not text and `?` for any byte. */
const SIGNATURES: readonly (readonly [format: SniffedFormat, start: string])[] = [
  ['jpeg', '\xff\xd8\xff'],
  ['png', '\x89PNG\r\n\x1a\n'],
  ['webp', 'RIFF????WEBP'],
  ['gif', 'GIF87a'],
  ['gif', 'GIF89a'],
  // Before TIFF, which they are made of.
  ['raw_canon', 'II*\0????CR'],
  ['raw_olympus', 'IIRO'],
  ['raw_olympus', 'IIRS'],
  ['raw_olympus', 'MMOR'],
  ['raw_panasonic', 'IIU\0'],
  ['raw_fuji', 'FUJIFILMCCD-RAW'],
  ['raw_sigma', 'FOVb'],
  ['raw_minolta', '\0MRM'],
  ['tiff', 'II*\0'],
  ['tiff', 'MM\0*'],
  ['tiff', 'II+\0'],
  ['tiff', 'MM\0+'],
  ['jxl', '\xff\x0a'],
  ['jxl', '\0\0\0\x0cJXL \r\n\x87\n'],
  ['jp2', '\0\0\0\x0cjP  \r\n\x87\n'],
  ['jp2', '\xff\x4f\xff\x51'],
  ['pdf', '%PDF-'],
  ['psd', '8BPS'],
  ['xcf', 'gimp xcf '],
  ['djvu', 'AT&TFORM'],
  ['postscript', '%!PS'],
  ['postscript', '\xc5\xd0\xd3\xc6'],
  ['dds', 'DDS |\0\0\0'],
  ['exr', 'v/1\x01'],
  ['qoi', 'qoif'],
  ['ico', '\0\0\x01\0'],
  ['video', '\x1aE\xdf\xa3'],
  ['video', 'RIFF????AVI '],
  ['video', 'FLV\x01'],
  ['video', '\0\0\x01\xba'],
  ['video', '\0\0\x01\xb3'],
  ['video', '0&\xb2u\x8ef\xcf\x11'],
  ['git_lfs', 'version https://git-lfs'],
  ['zip', 'PK\x03\x04'],
  ['gzip', '\x1f\x8b'],
]

/**
 * The format of a file, or undefined when its first bytes match none.
 *
 * Reads at most the first 1024 bytes. A match says how the file begins, not that it is sound.
 */
export function sniffFormat(bytes: Uint8Array): SniffedFormat | undefined {
  const start = latin1(bytes, TEXT_WINDOW)
  for (const [format, signature] of SIGNATURES) {
    if (startsLike(start, signature)) return format
  }
  if (isBitmap(start)) return 'bmp'
  if (start.slice(4, 8) === 'ftyp') return isoMediaFormat(bytes, start)
  if (QUICKTIME_BOXES.includes(start.slice(4, 8))) return 'video'
  if (/^P(?:[1-6][ \t-\r]+[\d#]|7\n)/.test(start)) return 'netpbm'
  if (isCursor(start)) return 'ico'
  if (looksLikeTga(bytes)) return 'tga'
  return textFormat(start)
}

export function isPictureFormat(format: string | undefined): format is PictureFormat {
  return PICTURE_FORMATS.some((known) => known === format)
}

function latin1(bytes: Uint8Array, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', 0, to)
}

function startsLike(start: string, signature: string): boolean {
  if (start.length < signature.length) return false
  for (let i = 0; i < signature.length; i += 1) {
    if (signature[i] !== '?' && signature[i] !== start[i]) return false
  }
  return true
}

/** "BM" alone begins many a text; every BMP has its header's size at byte 14 as well. */
function isBitmap(start: string): boolean {
  if (!start.startsWith('BM') || start.slice(15, 18) !== '\0\0\0') return false
  return BMP_HEADER_SIZES.includes(start.charCodeAt(14))
}

/** The first four bytes of a cursor begin a TGA as well, which has zeros where the count is here. */
function isCursor(start: string): boolean {
  const isEmpty = start.slice(4, 6) === '\0\0'
  return start.startsWith('\0\0\x02\0') && !isEmpty && start[9] === '\0'
}

/**
 * AVIF, HEIC and MP4 share a container; the brands of its first box tell them apart. The general
 * brands `mif1` and `msf1` stand for HEIC here, though what such a file holds may be AV1 all the same.
 */
function isoMediaFormat(bytes: Uint8Array, start: string): SniffedFormat {
  const size = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
  const brands = [start.slice(8, 12)]
  const end = Math.min(size, start.length, 16 + 4 * MAX_BRANDS)
  for (let at = 16; at + 4 <= end; at += 4) brands.push(start.slice(at, at + 4))
  if (brands.includes('crx ')) return 'raw_canon'
  if (brands.includes('avif') || brands.includes('avis')) return 'avif'
  if (brands.some((brand) => /^(?:he[ivx][cmsx]|mif1|msf1)$/.test(brand))) return 'heic'
  return 'video'
}

function textFormat(start: string): SniffedFormat | undefined {
  const text = start.replace(/^\xef\xbb\xbf/, '').trimStart()
  if (/^data:[^,]*,/i.test(text)) return 'data_url'
  if (/^https?:\/\/[!-~]/i.test(text)) return 'address'
  if (/^[[{]\s*["[\]{}\d]/.test(text)) return 'json'
  if (!text.startsWith('<')) return undefined
  if (/<svg[\s>]/i.test(text)) return 'svg'
  return /^<(?:!doctype html|html|head|body)/i.test(text) ? 'html' : undefined
}
