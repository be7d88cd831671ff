// The whole way from a picture file to the vision encoder's input.
import type { PicturePreparation } from '../../compiled/picture.ts'
import { decodeStoredPicture } from './decode/decode.ts'
import { withMemory } from './decode/memory.ts'
import type { DecodeOptions } from './decode/decode.ts'
import { cropCentre, resizedSize } from './fit.ts'
import { toPixelValues } from './normalise.ts'
import { uprightSize } from './orientation.ts'
import { resizeAs } from './resize/resize.ts'
import type { PictureFormat } from './decode/sniff.ts'

export interface PreparedPicture {
  /** [1, 3, spec.height, spec.width] */
  readonly pixelValues: Float32Array
  /** Of the picture after orientation, in pixels: what answers with coordinates refer to. */
  readonly width: number
  readonly height: number
  readonly format: PictureFormat
}

/**
 * Decodes, turns upright, resizes and normalises, to the bits of Microsoft's processor (see
 * libvips.ts for the few forms of file whose decoding differs).
 *
 * @throws FlocapError `empty_image_file`, `unsupported_image_format`, `invalid_image` or
 *   `image_too_large`; MemoryFailure.
 */
export async function preparePicture(
  bytes: Uint8Array,
  spec: PicturePreparation,
  options: DecodeOptions,
): Promise<PreparedPicture> {
  return withMemory(async () => {
    const { picture, orientation } = await decodeStoredPicture(bytes, options)
    const { width, height } = uprightSize(picture, orientation)
    const size = resizedSize({ width, height }, spec)
    const resized = resizeAs(spec.resample, picture, size, orientation)
    const seen = cropCentre(resized, spec)
    return { pixelValues: toPixelValues(seen.data, spec), width, height, format: picture.format }
  })
}
