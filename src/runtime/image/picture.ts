// A decoded picture: the one form that resizing, normalising and drawing take.
import type { PictureFormat } from './decode/sniff.ts'

export interface RgbPixels {
  /** Pixels. */
  readonly width: number
  readonly height: number
  /** [height, width, 3] bytes: red, green, blue, row by row from the top left. */
  readonly data: Uint8Array
}

export interface Picture extends RgbPixels {
  /** What the file was. */
  readonly format: PictureFormat
}

/** What a decoder gives: the colours as they are stored, whether or not they show. */
export interface DecodedPicture extends Picture {
  /** [height, width], 255 is opaque; left out where every pixel is. */
  readonly alpha?: Uint8Array | undefined
}
