// The hash that a picture is known by: in the answer cache, among pictures that are encoded, and among
// those that killed engines.
import { createHash } from 'node:crypto'

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
