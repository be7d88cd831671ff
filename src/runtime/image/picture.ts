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
