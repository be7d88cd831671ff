// SHA-256 of picture files, each read once for as long as it stays as it is.
import { digestPicture } from '../../caption/picture-digest.ts'
import type { PictureFile, Stamp } from '../inputs/picture-file.ts'

export interface PictureDigests {
  /** @throws FlocapError `missing_image` when the picture cannot be read. */
  of(picture: Pick<PictureFile, 'name' | 'read'>, stamp: Stamp): Promise<string>
  /** What is known from elsewhere. */
  learn(name: string, stamp: Stamp, sha256: string): void
}

export function createPictureDigests(): PictureDigests {
  const known = new Map<string, Stamp & { readonly sha256: string }>()
  const learn: PictureDigests['learn'] = (name, { size, mtimeMs }, sha256) => {
    known.set(name, { size, mtimeMs, sha256 })
  }
  return {
    async of({ name, read }, stamp) {
      const before = known.get(name)
      if (before?.size === stamp.size && before.mtimeMs === stamp.mtimeMs) return before.sha256
      const sha256 = digestPicture(await read())
      learn(name, stamp, sha256)
      return sha256
    },
    learn,
  }
}
