// Whose files and batches they are: everybody who shows the same key.
import { createHash } from 'node:crypto'

/** Of SHA-256: two keys never share a folder by chance. */
const DIGITS = 24

/** The name of the owner's folder. The key itself, and its hash, stand nowhere on the disk. */
export function ownerOf(checkedKey: string | undefined): string {
  if (checkedKey === undefined) return 'local'
  const digest = createHash('sha256').update(`flocap batches ${checkedKey}`).digest('hex')
  return `key-${digest.slice(0, DIGITS)}`
}
