// Every way in which a picture file can be refused, worded once.
//
// The messages are ours: a decoder's own text may name files, addresses or library internals, so it
// stays in `cause`, for the log.
import { FlocapError } from '../../../base/errors.ts'
import { isPictureFormat } from './sniff.ts'
import type { OtherFormat, PictureFormat, SniffedFormat } from './sniff.ts'

export const FORMAT_NAMES: Readonly<Record<PictureFormat, string>> = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  gif: 'GIF',
  bmp: 'BMP',
  tiff: 'TIFF',
  avif: 'AVIF',
  heic: 'HEIC',
  jxl: 'JPEG XL',
  ico: 'Windows icon',
  tga: 'TGA',
  netpbm: 'Netpbm',
  qoi: 'QOI',
}

const OTHER_FORMAT_NAMES: Readonly<Record<OtherFormat, string>> = {
  jp2: 'a JPEG 2000 picture',
  svg: 'an SVG drawing',
  pdf: 'a PDF document',
  psd: 'a Photoshop document',
  xcf: 'a GIMP document',
  djvu: 'a DjVu document',
  postscript: 'a PostScript document',
  exr: 'an OpenEXR picture',
  dds: 'a DirectDraw texture (DDS)',
  raw_canon: 'a raw file of a Canon camera (CR2, CR3)',
  raw_fuji: 'a raw file of a Fujifilm camera (RAF)',
  raw_olympus: 'a raw file of an Olympus camera (ORF)',
  raw_panasonic: 'a raw file of a Panasonic camera (RW2)',
  raw_sigma: 'a raw file of a Sigma camera (X3F)',
  raw_minolta: 'a raw file of a Minolta camera (MRW)',
  raw_tiff: 'a raw file of a camera (DNG, NEF, ARW or the like)',
  video: 'a video',
  zip: 'a ZIP archive or an office document',
  gzip: 'a gzip archive',
  html: 'a web page',
  json: 'JSON text',
  data_url: 'the text of a data URL',
  address: 'a web address',
  git_lfs: 'a Git LFS pointer, which stands for the picture and is not it',
}

const RAW_HINT =
  'Export it as JPEG, or send the JPEG that the camera has put inside: ' +
  'exiftool -b -JpgFromRaw photo.nef > photo.jpg (-PreviewImage for some cameras).'

const HINTS: Readonly<Partial<Record<OtherFormat, string>>> = {
  svg:
    'Draw it to a PNG first (rsvg-convert drawing.svg -o drawing.png): SVG files can refer to other ' +
    'files, so they are never opened here.',
  pdf: 'Export the page that you want captioned: pdftoppm -png -r 150 -f 1 -l 1 file.pdf page.',
  psd: 'Export it as PNG or JPEG: a document of layers has no one picture.',
  xcf: 'Export it as PNG or JPEG: a document of layers has no one picture.',
  postscript: 'Export the page that you want captioned as PNG or JPEG.',
  djvu: 'Export the page that you want captioned as PNG or JPEG.',
  raw_canon: RAW_HINT,
  raw_fuji: RAW_HINT,
  raw_olympus: RAW_HINT,
  raw_panasonic: RAW_HINT,
  raw_sigma: RAW_HINT,
  raw_minolta: RAW_HINT,
  raw_tiff: RAW_HINT,
  video: 'Send one picture of it: ffmpeg -i clip.mp4 -frames:v 1 still.jpg saves the first.',
  html: 'The address of the picture probably led to a web page about it; use the address of the file.',
  data_url: 'Decode the base64 part first, or send the data URL where a URL is expected.',
  address: 'Send the file behind the address, or its address where a URL is expected.',
  git_lfs: "Run 'git lfs pull' where the repository was cloned, and send the file then.",
}

const CONVERT_HINT = 'Convert it with an image program and send it again.'

/** First bytes shown when nothing matches: enough to recognise a file by, too few to leak it. */
const SHOWN_BYTES = 8

export function emptyPicture(): FlocapError {
  return new FlocapError('empty_image_file', 'Expected a picture file, but it has no bytes.', {
    hint: 'Check that the upload finished and that the base64 text is not empty.',
  })
}

/** @param format what `sniffFormat` made of `bytes` */
export function unsupportedPicture(
  format: SniffedFormat | undefined,
  bytes: Uint8Array,
): FlocapError {
  const names = Object.values(FORMAT_NAMES)
  const supported = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
  const known = format !== undefined && !isPictureFormat(format)
  const came = known
    ? `the bytes look like ${OTHER_FORMAT_NAMES[format]}`
    : `the first bytes (${toHex(bytes.subarray(0, SHOWN_BYTES))}) match no format that is known`
  return new FlocapError(
    'unsupported_image_format',
    `Expected a picture as ${supported}, but ${came}.`,
    { hint: (known ? HINTS[format] : undefined) ?? CONVERT_HINT },
  )
}

/** A supported format in a form of it that is not read, such as a TIFF with LAB colours. */
export function unsupportedForm(format: PictureFormat, form: string): FlocapError {
  return new FlocapError(
    'unsupported_image_format',
    `This ${FORMAT_NAMES[format]} file has ${form}, which FloCap does not read.`,
    { hint: 'Save it as an ordinary 8-bit RGB picture, PNG for example, and send it again.' },
  )
}

/** @param problem what is wrong, as the end of a sentence about the file: "it ends too early" */
export function damagedPicture(
  format: PictureFormat,
  problem: string,
  cause?: unknown,
): FlocapError {
  return new FlocapError(
    'invalid_image',
    `The ${FORMAT_NAMES[format]} file cannot be decoded: ${problem}.`,
    { hint: 'The file is damaged or cut off: send the original again, or save it anew.', cause },
  )
}

/** @param need what decoding it would take, as the end of "it needs ... to decode" */
export function tooCostlyPicture(
  format: PictureFormat,
  need: string,
  cause?: unknown,
): FlocapError {
  return new FlocapError(
    'image_too_large',
    `The ${FORMAT_NAMES[format]} file was given up: it needs ${need} to decode.`,
    { hint: 'Save it as JPEG, or scale it down, and send it again.', cause },
  )
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
