// The hash that a picture is known by: in the answer cache, among pictures that are encoded, and among
// those that killed engines.
import { createHash } from 'node:crypto'
import { giveWay } from '../base/give-way.ts'

/** What is hashed in some milliseconds. */
const BYTES_AT_ONCE = 4 * 1024 * 1024

/** Several ask for the same picture within one request: it is hashed once. */
const known = new WeakMap<Uint8Array, string>()

/**
 * SHA-256 in hex. Some milliseconds for each megabyte; doing it at once lets requests of one moment
 * meet.
 */
export function digestPicture(picture: Uint8Array): string {
  const before = known.get(picture)
  if (before !== undefined) return before
  const digest = createHash('sha256').update(picture).digest('hex')
  known.set(picture, digest)
  return digest
}

/** Makes `digestPicture` of a picture cheap: hashes it while others have their turns. */
export async function prepareDigest(picture: Uint8Array): Promise<void> {
  if (picture.byteLength <= BYTES_AT_ONCE || known.has(picture)) return
  const hash = createHash('sha256')
  for (let start = 0; start < picture.byteLength; start += BYTES_AT_ONCE) {
    hash.update(picture.subarray(start, start + BYTES_AT_ONCE))
    await giveWay()
  }
  known.set(picture, hash.digest('hex'))
}
