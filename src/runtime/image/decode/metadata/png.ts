// What the chunks of a PNG say of the camera, wherever they stand: libvips reads only what comes before
// the pixels, and no profile in text, which is how ImageMagick keeps the EXIF data of a JPEG.
import { inflateSync } from 'node:zlib'

const SIGNATURE_BYTES = 8
/** Length, type and checksum. */
const CHUNK_FRAME_BYTES = 12
/** Chunks of a large picture have kilobytes each; this bounds the work on a forged file. */
const MAX_CHUNKS = 200_000
const MAX_TEXT_BYTES = 1024 * 1024
/** Pillow knows the first name alone; ImageMagick wrote the other one in its time. */
const RAW_PROFILES = ['Raw profile type exif', 'Raw profile type APP1']
const XMP_KEYWORD = 'XML:com.adobe.xmp'

export interface PngMetadata {
  readonly exif?: Uint8Array
  readonly xmp?: Uint8Array
}

/** Reads as far as the file goes: what is damaged is left out. */
export function readPngMetadata(file: Uint8Array): PngMetadata {
  const found: { exif?: Uint8Array; profile?: Uint8Array; xmp?: Uint8Array } = {}
  for (const { type, content } of readChunks(file)) {
    if (type === 'eXIf') found.exif ??= content
    if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') continue
    const keyword = latin1(content.subarray(0, Math.max(0, content.indexOf(0))))
    const isProfile = RAW_PROFILES.includes(keyword)
    if (!isProfile && keyword !== XMP_KEYWORD) continue
    const text = readText(type, content.subarray(keyword.length + 1))
    if (text === undefined) continue
    if (isProfile) found.profile ??= fromRawProfile(text)
    else found.xmp ??= text
  }
  const exif = found.exif ?? found.profile
  return { ...(exif && { exif }), ...(found.xmp && { xmp: found.xmp }) }
}

function* readChunks(file: Uint8Array): Generator<{ type: string; content: Uint8Array }> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let at = SIGNATURE_BYTES
  for (let count = 0; count < MAX_CHUNKS && at + CHUNK_FRAME_BYTES <= file.length; count += 1) {
    const length = view.getUint32(at)
    const content = file.subarray(at + 8, at + 8 + length)
    if (content.length < length) return
    yield { type: latin1(file.subarray(at + 4, at + 8)), content }
    at += CHUNK_FRAME_BYTES + length
  }
}

/** @param rest what follows the keyword and its zero */
function readText(type: 'tEXt' | 'zTXt' | 'iTXt', rest: Uint8Array): Uint8Array | undefined {
  if (type === 'tEXt') return rest
  if (type === 'zTXt') return inflate(rest.subarray(1))
  const isCompressed = rest[0] === 1
  // Language and translated keyword, each up to a zero.
  const language = rest.indexOf(0, 2)
  const translated = language === -1 ? -1 : rest.indexOf(0, language + 1)
  if (translated === -1) return undefined
  const text = rest.subarray(translated + 1)
  return isCompressed ? inflate(text) : text
}

function inflate(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_TEXT_BYTES })
  } catch {
    // Damaged or a bomb: neither says how the picture is turned.
    return undefined
  }
}

/** A line break, a name, the length, and then the bytes as hexadecimal digits. */
function fromRawProfile(text: Uint8Array): Uint8Array {
  const lines = latin1(text.subarray(0, MAX_TEXT_BYTES)).split('\n').slice(3)
  return Buffer.from(lines.join('').replaceAll(/\s/g, ''), 'hex')
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
