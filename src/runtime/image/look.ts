// A picture in small, by which pictures are compared; see caption/alike.ts.
import { LOOK_SIDE, type PictureLook } from '../../caption/ports.ts'
import { RESAMPLE_FILTERS } from '../../compiled/picture.ts'
import type { DecodeOptions } from './decode/decode.ts'
import { decodeStoredPicture } from './decode/decode.ts'
import { withMemory } from './decode/memory.ts'
import { uprightSize } from './orientation.ts'
import { resizeAs } from './resize/resize.ts'

/** @throws FlocapError as `preparePicture`. */
export async function lookAt(bytes: Uint8Array, options: DecodeOptions): Promise<PictureLook> {
  return withMemory(async () => {
    const { picture, orientation } = await decodeStoredPicture(bytes, options)
    const size = { width: LOOK_SIDE, height: LOOK_SIDE }
    const { data } = resizeAs(RESAMPLE_FILTERS.box, picture, size, orientation)
    // A buffer of its own: the codec's is larger, and the look crosses to another process.
    return { ...uprightSize(picture, orientation), cells: Uint8Array.from(data) }
  })
}
