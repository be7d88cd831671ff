// From the bytes of a picture file to RGB pixels, as `PIL.Image.open(...).convert("RGB")` gives them.
//
// Alpha is dropped, never blended, so a transparent pixel shows the colour that is stored under it;
// colour profiles and gamma are ignored; of several frames the first counts.
import { decodeBmp } from './bmp.ts'
import { decodeGif } from './gif.ts'
import { decodeHeic, isAv1 } from './heif/heif.ts'
import { decodeIcon } from './icon.ts'
import { decodeJxlToPng } from './jxl/jxl.ts'
import { decodeWithLibvips, isLibvipsFormat } from './libvips.ts'
import type { LibvipsFormat } from './libvips.ts'
import { DEFAULT_PICTURE_LIMITS } from './limits.ts'
import type { PictureLimits } from './limits.ts'
import { decodeNetpbm } from './netpbm.ts'
import { turnUpright } from '../orientation.ts'
import type { Orientation } from '../orientation.ts'
import { emptyPicture, unsupportedPicture } from './picture-errors.ts'
import type { DecodedPicture, Picture } from '../picture.ts'
import { decodeQoi } from './qoi.ts'
import { isPictureFormat, sniffFormat } from './sniff.ts'
import type { PictureFormat } from './sniff.ts'
import { decodeTga } from './tga.ts'

type Decoder = (
  bytes: Uint8Array,
  limits: PictureLimits,
) => DecodedPicture | Promise<DecodedPicture>

/** Of formats that libvips does not read, or not as Pillow does. Their pictures come out upright. */
const OWN_DECODERS: Readonly<Record<Exclude<PictureFormat, LibvipsFormat>, Decoder>> = {
  gif: decodeGif,
  bmp: decodeBmp,
  heic: decodeHeif,
  jxl: async (bytes, limits) => decodePng(await decodeJxlToPng(bytes, limits), limits),
  ico: async (bytes, limits) => decodeIcon(bytes, limits, decodePng),
  tga: decodeTga,
  netpbm: decodeNetpbm,
  qoi: decodeQoi,
}

async function decodePng(bytes: Uint8Array, limits: PictureLimits): Promise<DecodedPicture> {
  return (await decodeWithLibvips(bytes, 'png', limits)).picture
}

/** A file with a general brand may hold AV1 all the same. */
async function decodeHeif(bytes: Uint8Array, limits: PictureLimits): Promise<DecodedPicture> {
  if (!isAv1(bytes)) return decodeHeic(bytes, limits)
  return (await decodeWithLibvips(bytes, 'avif', limits)).picture
}

export interface DecodeOptions {
  /**
   * Turn the picture upright as its EXIF orientation says. Viewers do; Pillow does not (except for
   * TIFF, which it always turns), so comparisons with the reference leave it out.
   */
  readonly applyOrientation: boolean
  /** Default: DEFAULT_PICTURE_LIMITS. */
  readonly limits?: PictureLimits
}

/** A picture as its file stores it. */
export interface StoredPicture {
  readonly picture: Picture
  /** How to turn it; 1 where the options say not to. */
  readonly orientation: Orientation
}

/**
 * Decodes a picture file of any supported format.
 *
 * @throws FlocapError `empty_image_file`, `unsupported_image_format`, `invalid_image` or
 *   `image_too_large`
 */
export async function decodePicture(bytes: Uint8Array, options: DecodeOptions): Promise<Picture> {
  const { picture, orientation } = await decodeStoredPicture(bytes, options)
  return turnUpright(picture, orientation)
}

/** Like decodePicture, but leaves the turning to the caller. */
export async function decodeStoredPicture(
  bytes: Uint8Array,
  options: DecodeOptions,
): Promise<StoredPicture> {
  if (bytes.length === 0) throw emptyPicture()
  const limits = options.limits ?? DEFAULT_PICTURE_LIMITS
  const format = sniffFormat(bytes)
  if (!isPictureFormat(format)) throw unsupportedPicture(format, bytes)
  if (!isLibvipsFormat(format)) {
    const { alpha: _, ...picture } = await OWN_DECODERS[format](bytes, limits)
    return { picture, orientation: 1 }
  }
  const { picture, orientation } = await decodeWithLibvips(bytes, format, limits)
  const turns = options.applyOrientation || format === 'tiff'
  return { picture, orientation: turns ? orientation : 1 }
}
