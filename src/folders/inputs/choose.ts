// Some of the pictures that were found: those that are not excluded, the first so many, or so many at
// random.
import { createHash } from 'node:crypto'
import { createExclusion } from './globs.ts'
import type { PictureFile } from './picture-file.ts'

export interface Choice {
  /** Patterns of names. */
  readonly exclude: readonly string[]
  /** At most so many, from the first. */
  readonly limit?: number | undefined
  /** So many from all over; the same ones each time, so that a stopped run goes on. */
  readonly sample?: number | undefined
}

export function choosePictures(
  pictures: readonly PictureFile[],
  { exclude, limit, sample }: Choice,
): readonly PictureFile[] {
  const isExcluded = createExclusion(exclude)
  const wanted = pictures.filter(({ name }) => !isExcluded(name))
  const sampled = sample === undefined ? wanted : takeSample(wanted, sample)
  return limit === undefined ? sampled : sampled.slice(0, limit)
}

/** Those whose names have the lowest hashes, in the order of `pictures`. */
function takeSample(pictures: readonly PictureFile[], count: number): readonly PictureFile[] {
  if (pictures.length <= count) return pictures
  const ranked = pictures
    .map((picture) => ({ picture, rank: createHash('sha256').update(picture.name).digest('hex') }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count)
  const chosen = new Set(ranked.map(({ picture }) => picture))
  return pictures.filter((picture) => chosen.has(picture))
}
