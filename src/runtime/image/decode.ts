// From the bytes of a picture file to RGB pixels, as `PIL.Image.open(...).convert("RGB")` gives them.
//
// Alpha is dropped, never blended, so a transparent pixel shows the colour that is stored under it;
// colour profiles and gamma are ignored; of several frames the first counts.
import { decodeBmp } from './bmp.ts'
import { decodeGif } from './gif.ts'
import { decodeWithLibvips } from './libvips.ts'
import { DEFAULT_PICTURE_LIMITS } from './limits.ts'
import type { PictureLimits } from './limits.ts'
import { emptyPicture, unsupportedPicture } from './picture-errors.ts'
import type { Picture } from './picture.ts'
import { isPictureFormat, sniffFormat } from './sniff.ts'

export interface DecodeOptions {
  /**
   * Turn the picture upright as its EXIF orientation says. Viewers do; Pillow does not (except for
   * TIFF, which it always turns), so comparisons with the reference leave it out.
   */
  readonly applyOrientation: boolean
  /** Default: DEFAULT_PICTURE_LIMITS. */
  readonly limits?: PictureLimits
}

/**
 * Decodes a picture file of any supported format.
 *
 * @throws FlocapError `empty_image_file`, `unsupported_image_format`, `invalid_image` or
 *   `image_too_large`
 */
export async function decodePicture(bytes: Uint8Array, options: DecodeOptions): Promise<Picture> {
  if (bytes.length === 0) throw emptyPicture()
  const limits = options.limits ?? DEFAULT_PICTURE_LIMITS
  const format = sniffFormat(bytes)
  if (!isPictureFormat(format)) throw unsupportedPicture(format, bytes)
  if (format === 'gif') return decodeGif(bytes, limits)
  if (format === 'bmp') return decodeBmp(bytes, limits)
  return decodeWithLibvips(bytes, format, options.applyOrientation, limits)
}
