// The six kinds of pictures that programs have, to bytes. Whatever cannot be read is refused; nothing
// larger than a picture can be is read to its end.
import { fileURLToPath } from 'node:url'
import { FlocapError } from '../base/errors.ts'
import { formatBytes } from '../base/format-bytes.ts'
import { showValue } from '../base/show-value.ts'
import { MAX_PICTURE_BYTES, readPictureFile } from '../folders/inputs/picture-file.ts'

/**
 * A picture file, not its pixels: a path, a URL (`file:`, `https:`, `http:` or `data:`), its bytes, a
 * Blob, or a stream of bytes. A string is always a path: write `new URL('https://…')` for an address.
 */
export type Picture =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>

/** The bytes at a web address. */
export type FetchPicture = (url: URL, signal: AbortSignal) => Promise<Uint8Array>

/** @throws FlocapError when it cannot be read, and `image_too_large` above a gigabyte. */
export async function readPicture(
  picture: unknown,
  fetchPicture: FetchPicture,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (typeof picture === 'string') return readPath(picture)
  if (picture instanceof URL) return readUrl(picture, fetchPicture, signal)
  if (picture instanceof Uint8Array) return limited(picture)
  if (picture instanceof ArrayBuffer) return limited(new Uint8Array(picture))
  if (picture instanceof Blob) {
    assertSize(picture.size)
    return new Uint8Array(await picture.arrayBuffer())
  }
  if (isStream(picture)) return readStream(picture, signal)
  throw new FlocapError(
    'missing_image',
    `Expected a picture as path, URL, bytes, Blob or stream of bytes, got ${showValue(picture)}.`,
    { subject: 'picture' },
  )
}

async function readPath(path: string): Promise<Uint8Array> {
  if (/^(?:https?|data|file):/i.test(path)) {
    throw new FlocapError('missing_image', 'Expected a path, got an address.', {
      subject: 'picture',
      hint: "A string is a path; write new URL('…') for an address.",
    })
  }
  return readPictureFile(path, path)
}

async function readUrl(
  url: URL,
  fetchPicture: FetchPicture,
  signal: AbortSignal,
): Promise<Uint8Array> {
  switch (url.protocol) {
    case 'file:': {
      const path = fileURLToPath(url)
      return readPictureFile(path, path)
    }
    case 'https:':
    case 'http:':
      return fetchPicture(url, signal)
    case 'data:':
      return new Uint8Array(await (await fetch(url)).arrayBuffer())
    default:
      throw new FlocapError(
        'invalid_image_url',
        `Expected a file:, https:, http: or data: URL, got one of ${url.protocol}`,
        { subject: 'picture' },
      )
  }
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

async function readStream(
  stream: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    // Leaving the loop ends the stream.
    signal.throwIfAborted()
    if (!(chunk instanceof Uint8Array)) {
      throw new FlocapError(
        'missing_image',
        `Expected a stream of bytes, got one of ${showValue(chunk)}.`,
        { subject: 'picture', hint: 'Open it without an encoding.' },
      )
    }
    size += chunk.byteLength
    assertSize(size)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function limited(bytes: Uint8Array): Uint8Array {
  assertSize(bytes.byteLength)
  return bytes
}

function assertSize(size: number): void {
  if (size <= MAX_PICTURE_BYTES) return
  throw new FlocapError(
    'image_too_large',
    `Expected a picture of at most ${formatBytes(MAX_PICTURE_BYTES)}, got ${formatBytes(size)} or more.`,
    { subject: 'picture' },
  )
}
