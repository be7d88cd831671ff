// Which files of a folder are pictures. The bytes decide; an ending only tells what a file that is none
// was meant to be.
import { extname } from 'node:path'
import type { RecognisePicture } from '../ports.ts'

/** `ignored`: belongs to a picture or to a program, and nobody misses it. */
export type FileClass =
  | { readonly kind: 'picture' }
  | { readonly kind: 'left-out'; readonly counted: string; readonly reason: string }
  | { readonly kind: 'ignored' }

/** A file of such a name that is no picture is damaged: captioning it says how. */
const PICTURE_ENDINGS: ReadonlySet<string> = new Set([
  '.avif',
  '.bmp',
  '.cur',
  '.gif',
  '.heic',
  '.heif',
  '.hif',
  '.ico',
  '.jfif',
  '.jpe',
  '.jpeg',
  '.jpg',
  '.jxl',
  '.pbm',
  '.pgm',
  '.png',
  '.pnm',
  '.ppm',
  '.qoi',
  '.tga',
  '.tif',
  '.tiff',
  '.webp',
])

/** What captioning and training tools write beside pictures. */
const COMPANIONS: ReadonlySet<string> = new Set([
  '.aae',
  '.bbox',
  '.caption',
  '.csv',
  '.db',
  '.html',
  '.ini',
  '.json',
  '.jsonl',
  '.npz',
  '.parquet',
  '.pp3',
  '.safetensors',
  '.toml',
  '.txt',
  '.xmp',
])

/** Raw photographs are TIFF files whose first picture is a thumbnail: captioning it would mislead. */
const RAW_ENDINGS: ReadonlySet<string> = new Set([
  '.3fr',
  '.arw',
  '.cr2',
  '.cr3',
  '.dng',
  '.erf',
  '.iiq',
  '.kdc',
  '.mef',
  '.mos',
  '.mrw',
  '.nef',
  '.nrw',
  '.orf',
  '.pef',
  '.raf',
  '.raw',
  '.rw2',
  '.sr2',
  '.srf',
  '.srw',
  '.x3f',
])

/** OneTrainer's masks and conditions of a picture: `photo-masklabel.png`. */
const MASKS = /-(?:mask|cond)label\.[^.]+$/i

/** A name that no folder's pictures are looked for under: hidden files, masks. */
export function isIgnoredName(name: string): boolean {
  return name.startsWith('.') || MASKS.test(name)
}

/** @param start its first bytes. */
export function classifyFile(
  name: string,
  start: Uint8Array,
  recognise: RecognisePicture,
): FileClass {
  const ending = extname(name).toLowerCase()
  if (RAW_ENDINGS.has(ending)) {
    return { kind: 'left-out', counted: ending, reason: 'a raw photograph: export it as JPEG' }
  }
  const { format, readable } = recognise(start)
  if (readable || PICTURE_ENDINGS.has(ending)) return { kind: 'picture' }
  if (COMPANIONS.has(ending)) return { kind: 'ignored' }
  const counted = ending === '' ? (format ?? 'no ending') : ending
  const reason =
    format === undefined ? 'no picture of a known format' : `${format}, which is not read here`
  return { kind: 'left-out', counted, reason }
}
