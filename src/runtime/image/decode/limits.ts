// How large a picture may be, decided from its header before a pixel is decoded: a file of a few
// hundred bytes can announce gigabytes of pixels.
import { FlocapError } from '../../../base/errors.ts'
import { DEFAULT_MAX_MEGAPIXELS, PIXELS_PER_MEGAPIXEL } from '../../../base/picture-limits.ts'
import { damagedPicture, FORMAT_NAMES } from './picture-errors.ts'
import type { PictureFormat } from './sniff.ts'

export interface PictureLimits {
  readonly maxPixels: number
  /** Of the longer side, in pixels. */
  readonly maxSide: number
}

export const DEFAULT_PICTURE_LIMITS: PictureLimits = {
  maxPixels: DEFAULT_MAX_MEGAPIXELS * PIXELS_PER_MEGAPIXEL,
  // What a JPEG can have; comic strips and screenshots of chats are tens of thousands of rows long.
  maxSide: 65_535,
}

const HINT = 'Scale it down: the model itself looks at no more than 768x768 pixels.'

/** @throws FlocapError `image_too_large`, or `invalid_image` for a side of nought */
export function assertWithinLimits(
  format: PictureFormat,
  width: number,
  height: number,
  { maxPixels, maxSide }: PictureLimits,
): void {
  if (!(width >= 1 && height >= 1)) {
    throw damagedPicture(format, `its header announces ${width}x${height} pixels`)
  }
  const came = `the ${FORMAT_NAMES[format]} file has ${width}x${height}`
  if (Math.max(width, height) > maxSide) {
    throw new FlocapError(
      'image_too_large',
      `Expected a picture of at most ${maxSide} pixels a side, but ${came}.`,
      { hint: HINT },
    )
  }
  if (width * height > maxPixels) {
    throw new FlocapError(
      'image_too_large',
      `Expected a picture of at most ${megapixels(maxPixels)}, but ${came} ` +
        `(${megapixels(width * height)}).`,
      { hint: `${HINT} A larger limit is set with --max-megapixels.` },
    )
  }
}

/** Rounded up, so that what is too large never looks as if it were not. */
function megapixels(pixels: number): string {
  return `${Math.ceil(pixels / (PIXELS_PER_MEGAPIXEL / 10)) / 10} megapixels`
}
