// From the bytes of a picture file to RGB pixels, as `PIL.Image.open(...).convert("RGB")` gives them.
//
// Colour profiles and gamma are ignored; of several frames the first counts. A transparent picture is
// put on a background, unless the reference is asked for, which drops alpha and so shows the colour
// that is stored under a transparent pixel.
import type { Background } from '../../../base/background.ts'
import { flatten } from '../flatten.ts'
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
import { withMemory } from './memory.ts'
import { emptyPicture, unsupportedPicture } from './picture-errors.ts'
import type { DecodedPicture, Picture } from '../picture.ts'
import { decodeQoi } from './qoi.ts'
import { isPictureFormat, sniffFormat } from './sniff.ts'
import type { PictureFormat } from './sniff.ts'
import { decodeTga } from './tga.ts'

type Decoder = (
  bytes: Uint8Array,
  limits: PictureLimits,
  keepAlpha: boolean,
) => DecodedPicture | Promise<DecodedPicture>

/** Of formats that libvips does not read, or not as Pillow does. Their pictures come out upright. */
const OWN_DECODERS: Readonly<Record<Exclude<PictureFormat, LibvipsFormat>, Decoder>> = {
  gif: decodeGif,
  bmp: decodeBmp,
  heic: decodeHeif,
  jxl: async (bytes, limits, keepAlpha) =>
    libvipsPixels(await decodeJxlToPng(bytes, limits), 'png', limits, keepAlpha),
  ico: async (bytes, limits, keepAlpha) =>
    decodeIcon(bytes, limits, async (png) => libvipsPixels(png, 'png', limits, keepAlpha)),
  tga: decodeTga,
  netpbm: decodeNetpbm,
  qoi: decodeQoi,
}

/** A file with a general brand may hold AV1 all the same. */
async function decodeHeif(
  bytes: Uint8Array,
  limits: PictureLimits,
  keepAlpha: boolean,
): Promise<DecodedPicture> {
  return isAv1(bytes)
    ? libvipsPixels(bytes, 'avif', limits, keepAlpha)
    : decodeHeic(bytes, limits, keepAlpha)
}

async function libvipsPixels(
  bytes: Uint8Array,
  format: LibvipsFormat,
  limits: PictureLimits,
  keepAlpha: boolean,
): Promise<DecodedPicture> {
  return (await decodeWithLibvips(bytes, format, limits, keepAlpha)).picture
}

export interface DecodeOptions {
  /**
   * Turn the picture upright as its EXIF orientation says. Viewers do; Pillow does not (except for
   * TIFF, which it always turns), so comparisons with the reference leave it out.
   */
  readonly applyOrientation: boolean
  /** What shows where the picture is transparent. Default: `reference`. */
  readonly background?: Background | undefined
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
  return withMemory(async () => {
    const { picture, orientation } = await decodeStoredPicture(bytes, options)
    return turnUpright(picture, orientation)
  })
}

/** Like decodePicture, but leaves the turning to the caller. */
export async function decodeStoredPicture(
  bytes: Uint8Array,
  options: DecodeOptions,
): Promise<StoredPicture> {
  const { background = 'reference', limits = DEFAULT_PICTURE_LIMITS } = options
  const { picture, orientation } = await decode(bytes, limits, background !== 'reference')
  const { alpha, ...colours } = picture
  if (alpha !== undefined) flatten(colours, alpha, background)
  const turns = options.applyOrientation || colours.format === 'tiff'
  return { picture: colours, orientation: turns ? orientation : 1 }
}

/** @param keepAlpha whether the alpha of the picture is wanted: keeping it costs memory. */
async function decode(
  bytes: Uint8Array,
  limits: PictureLimits,
  keepAlpha: boolean,
): Promise<{ picture: DecodedPicture; orientation: Orientation }> {
  if (bytes.length === 0) throw emptyPicture()
  const format = sniffFormat(bytes)
  if (!isPictureFormat(format)) throw unsupportedPicture(format, bytes)
  if (isLibvipsFormat(format)) return decodeWithLibvips(bytes, format, limits, keepAlpha)
  // What is inside may have a format of its own.
  const picture = await OWN_DECODERS[format](bytes, limits, keepAlpha)
  return { picture: { ...picture, format }, orientation: 1 }
}
