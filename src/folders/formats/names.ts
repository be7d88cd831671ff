// What the files of a picture are called.
import { basename, extname, join, posix } from 'node:path'
import type { PictureFile } from '../inputs/picture-file.ts'

/** `stem`: `photo.txt` for `photo.jpg`, as training tools look for it. `full`: `photo.jpg.txt`. */
export const NAMINGS = ['stem', 'full'] as const

export type Naming = (typeof NAMINGS)[number]

/** The path of a picture's file, with `ending` (`.txt`) in the place of its own or behind it. */
export function besidePath(picture: PictureFile, ending: string, naming: Naming): string {
  return join(picture.output, `${nameStem(picture, naming)}${ending}`)
}

/** A picture's name without its ending, with `/`. */
export function nameStem({ name, archive }: PictureFile, naming: Naming): string {
  if (naming === 'full') return name
  const folder = posix.dirname(name)
  const base = posix.basename(name)
  const stem = isTar(archive) ? sampleKey(base) : base.slice(0, base.length - extname(base).length)
  return folder === '.' ? stem : `${folder}/${stem}`
}

/** A WebDataset's samples are called by what stands before the first dot. */
export function sampleKey(base: string): string {
  const dot = base.indexOf('.', 1)
  return dot === -1 ? base : base.slice(0, dot)
}

/** The copy of a tar file with captions in it: called as it is, in the folder that a name has in front. */
export function shardCopy(archive: string, { output, name, label }: PictureFile): string {
  const member = label.slice(archive.length + 1)
  const inner = posix.dirname(name.slice(0, name.length - member.length))
  return join(output, inner, basename(archive))
}

export function isTar(archive: string | undefined): archive is string {
  return archive !== undefined && extname(archive).toLowerCase() === '.tar'
}

/**
 * Files that several pictures would have, with these. On disks that do not tell A from a, names that
 * differ in case only are the same.
 * @param filesOf what is written about a picture.
 */
export function findClashes(
  pictures: readonly PictureFile[],
  filesOf: (picture: PictureFile) => readonly string[],
  ignoresCase: boolean = process.platform === 'win32' || process.platform === 'darwin',
): ReadonlyMap<string, readonly PictureFile[]> {
  const groups = new Map<string, Set<PictureFile>>()
  for (const picture of pictures) {
    for (const file of filesOf(picture)) {
      const key = ignoresCase ? file.toLowerCase() : file
      groups.set(key, (groups.get(key) ?? new Set()).add(picture))
    }
  }
  const shared = [...groups].filter(([, group]) => group.size > 1)
  return new Map(shared.map(([file, group]) => [file, [...group]]))
}
