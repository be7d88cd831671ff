// Resizing exactly as `PIL.Image.resize(size, BICUBIC)` does it: antialiased (downscaling widens the
// filter), in 22-bit fixed point, along the rows first, rounded to bytes, then along the columns.
//
// Nothing else will do: sharp's, a canvas's and ONNX's bicubic all give other pixels, and the model
// answers by the pixels it was trained on.
import { createAxisWeights } from './resize-coefficients.ts'
import type { AxisWeights } from './resize-coefficients.ts'
import { resizeColumns, resizeRows } from './resize-plain.ts'
import { createVectorResizer } from './resize-vector.ts'

/** An RGB picture, [height, width, 3] bytes. */
export interface RgbPixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

const vectorResizer = createVectorResizer()

/**
 * The picture at another size; the aspect ratio is not kept. Equal to Pillow's result byte for byte.
 *
 * @param width, height of the result in pixels, at least 1
 */
export function resizeBicubic(picture: RgbPixels, width: number, height: number): RgbPixels {
  return resizeWith(vectorResizer ?? resizePlain, picture, width, height)
}

/** The same by the plain loops: slower, bit for bit equal. */
export function resizeBicubicPlain(picture: RgbPixels, width: number, height: number): RgbPixels {
  return resizeWith(resizePlain, picture, width, height)
}

function resizeWith(
  resize: typeof resizePlain,
  picture: RgbPixels,
  width: number,
  height: number,
): RgbPixels {
  // Like Pillow, an axis that keeps its size is not filtered at all.
  const columns = width === picture.width ? undefined : createAxisWeights(picture.width, width)
  const lines = height === picture.height ? undefined : createAxisWeights(picture.height, height)
  if (!columns && !lines) return { width, height, data: picture.data }
  const data = resize(picture.data, picture.width, picture.height, columns, lines)
  return { width, height, data }
}

function resizePlain(
  source: Uint8Array,
  width: number,
  height: number,
  columns: AxisWeights | undefined,
  lines: AxisWeights | undefined,
): Uint8Array {
  const middle = columns ? resizeRows(source, width, height, columns) : source
  const middleWidth = columns?.first.length ?? width
  return lines ? resizeColumns(middle, middleWidth * 3, lines) : middle
}
