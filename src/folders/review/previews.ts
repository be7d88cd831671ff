// Previews of a review's pictures: a few are drawn at a time, and the newest megabytes are kept.
//
// Pictures are drawn elsewhere, in a process that a hostile one may end. Each is kept under the stamp of
// its file, so that a picture that was changed is drawn again.
import pLimit from 'p-limit'
import { createByteLru } from '../../base/byte-lru.ts'
import { FlocapError } from '../../base/errors.ts'
import type { PictureFile } from '../inputs/picture-file.ts'

/** For the list, and to be looked at. */
export type PreviewSize = 'small' | 'large'

/** @throws FlocapError for what is no picture. */
export type DrawPreview = (picture: Uint8Array, size: PreviewSize) => Promise<Uint8Array>

export type Previews = (
  picture: Pick<PictureFile, 'name' | 'stamp' | 'read'>,
  size: PreviewSize,
  signal?: AbortSignal,
) => Promise<Uint8Array>

/** A decoded picture of 100 megapixels takes 300 MB. */
const AT_ONCE = 2
/** Some thousand small ones. */
const CACHE_BYTES = 32 * 1024 * 1024

export function createPreviews(draw: DrawPreview): Previews {
  const limit = pLimit(AT_ONCE)
  const cache = createByteLru<Uint8Array>(CACHE_BYTES, (_key, { byteLength }) => byteLength)

  return async (picture, size, signal) => {
    const { size: bytes, mtimeMs } = await picture.stamp()
    const key = JSON.stringify([size, bytes, mtimeMs, picture.name])
    const known = cache.get(key)
    if (known !== undefined) return known
    return limit(async () => {
      // Its row was scrolled out of sight.
      if (signal?.aborted === true) throw new FlocapError('cancelled', 'The request was cancelled.')
      const drawn = await draw(await picture.read(), size)
      cache.set(key, drawn)
      return drawn
    })
  }
}
