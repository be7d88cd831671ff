// Locks as `flocap review` writes them, without a review.
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Decisions } from '../../src/folders/review/decisions.ts'

/** @param name of a picture in the folder. */
export async function lockPicture(
  decisions: Pick<Decisions, 'add'>,
  folder: string,
  name: string,
  locked = true,
): Promise<void> {
  const path = join(folder, name)
  const { size, mtimeMs } = statSync(path)
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
  await decisions.add([{ type: 'lock', name, sha256, size, mtimeMs, locked }])
}
