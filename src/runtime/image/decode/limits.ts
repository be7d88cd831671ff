// How large a picture may be, decided from its header before a pixel is decoded: a file of a few
// hundred bytes can announce gigabytes of pixels.
import { FlocapError } from '../../../base/errors.ts'
import { damagedPicture, FORMAT_NAMES } from './picture-errors.ts'
import type { PictureFormat } from './sniff.ts'

export interface PictureLimits {
  readonly maxPixels: number
  /** Of the longer side, in pixels. */
  readonly maxSide: number
}

export const DEFAULT_PICTURE_LIMITS: PictureLimits = {
  // 150 MB as RGB. Phones and cameras reach it (48 and 50 megapixels); panoramas are the exception.
  maxPixels: 50_000_000,
  // Long screenshots and panoramas fit; WebP cannot hold more and most decoders stop near here too.
  maxSide: 16_384,
}

/** @throws FlocapError `image_too_large`, or `invalid_image` for a side of nought */
export function assertWithinLimits(
  format: PictureFormat,
  width: number,
  height: number,
  limits: PictureLimits,
): void {
  if (!(width >= 1 && height >= 1)) {
    throw damagedPicture(format, `its header announces ${width}x${height} pixels`)
  }
  if (Math.max(width, height) <= limits.maxSide && width * height <= limits.maxPixels) return
  throw new FlocapError(
    'image_too_large',
    `Expected a picture of at most ${limits.maxPixels} pixels and ${limits.maxSide} a side, but the ` +
      `${FORMAT_NAMES[format]} file has ${width}x${height} (${width * height} pixels).`,
    { hint: 'Scale it down: the model itself looks at no more than 768x768 pixels.' },
  )
}
