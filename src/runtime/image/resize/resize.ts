// Resizing exactly as `PIL.Image.resize(size, BICUBIC)` does it: antialiased (downscaling widens the
// filter), in 22-bit fixed point, along the rows first, rounded to bytes, then along the columns.
//
// Nothing else will do: sharp's, a canvas's and ONNX's bicubic all give other pixels, and the model
// answers by the pixels it was trained on.
//
// A picture that is stored turned is resized as it lies and only the small result is turned: turning
// twelve megapixels costs as much as decoding them. Sums of whole numbers do not depend on their
// order, so it is enough to mirror the weights, and to filter the stored columns first where they
// are the rows of the upright picture.
import { TURNS, turnUpright, uprightSize } from '../orientation.ts'
import type { Orientation } from '../orientation.ts'
import type { RgbPixels } from '../picture.ts'
import { createAxisWeights, mirrorAxisWeights } from './coefficients.ts'
import type { AxisWeights } from './coefficients.ts'
import { resizePlain } from './plain.ts'
import type { Passes } from './plain.ts'
import { createVectorResizer } from './vector.ts'

const vectorResizer = createVectorResizer()

/**
 * The upright picture at another size; the aspect ratio is not kept. Equal to Pillow's result byte
 * for byte.
 *
 * @param picture as it is stored
 * @param width, height of the upright result in pixels, at least 1
 * @param orientation how the picture is stored
 */
export function resizeBicubic(
  picture: RgbPixels,
  width: number,
  height: number,
  orientation: Orientation = 1,
): RgbPixels {
  return resizeWith(vectorResizer ?? resizePlain, picture, width, height, orientation)
}

/** The same by the plain loops: slower, bit for bit equal. */
export function resizeBicubicPlain(
  picture: RgbPixels,
  width: number,
  height: number,
  orientation: Orientation = 1,
): RgbPixels {
  return resizeWith(resizePlain, picture, width, height, orientation)
}

function resizeWith(
  resize: (picture: RgbPixels, passes: Passes) => Uint8Array,
  picture: RgbPixels,
  width: number,
  height: number,
  orientation: Orientation,
): RgbPixels {
  const passes = planPasses(picture, width, height, orientation)
  const { columns, lines } = passes
  const resized = {
    width: columns?.first.length ?? picture.width,
    height: lines?.first.length ?? picture.height,
    data: columns || lines ? resize(picture, passes) : picture.data,
  }
  return turnUpright(resized, orientation)
}

function planPasses(
  picture: RgbPixels,
  width: number,
  height: number,
  orientation: Orientation,
): Passes {
  const { transposes, mirrorsColumns, mirrorsRows } = TURNS[orientation]
  const upright = uprightSize(picture, orientation)
  const horizontal = planAxis(upright.width, width, transposes ? mirrorsRows : mirrorsColumns)
  const vertical = planAxis(upright.height, height, transposes ? mirrorsColumns : mirrorsRows)
  return transposes
    ? { columns: vertical, lines: horizontal, columnsFirst: true }
    : { columns: horizontal, lines: vertical, columnsFirst: false }
}

/** Like Pillow, an axis that keeps its size is not filtered at all. */
function planAxis(input: number, output: number, mirrored: boolean): AxisWeights | undefined {
  if (input === output) return undefined
  const axis = createAxisWeights(input, output)
  return mirrored ? mirrorAxisWeights(axis, input) : axis
}
