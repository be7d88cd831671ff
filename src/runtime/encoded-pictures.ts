// Pictures as the language model reads them, remembered for a while: another question about the same
// picture needs neither its decoding nor the vision encoder, which is half the time of a caption.
import { type ByteLru, createByteLru } from '../base/byte-lru.ts'
import { digestPicture } from '../caption/picture-digest.ts'
import type { PictureSize, VisionRequest } from '../caption/ports.ts'
import type { Tensor } from './session.ts'

/** 36 pictures of Florence-2-base. */
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024

export interface EncodedPicture {
  /** [1, imageTokens, hidden] */
  readonly features: Tensor
  readonly size: PictureSize
}

export type EncodedPictures = ByteLru<EncodedPicture>

export function createEncodedPictures(maxBytes: number = DEFAULT_MAX_BYTES): EncodedPictures {
  return createByteLru(
    maxBytes,
    (_key, { features }) => features.size * Float32Array.BYTES_PER_ELEMENT,
  )
}

/** What makes two pictures the same to the model. */
export function pictureKey(request: VisionRequest): string {
  const { picture, digest = digestPicture(picture), applyOrientation, background } = request
  return [digest, applyOrientation, background ?? 'reference'].join(' ')
}
