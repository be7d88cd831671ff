// Resizing exactly as `PIL.Image.resize(size, BICUBIC)` does it: antialiased (downscaling widens the
// filter), in 22-bit fixed point, along the rows first, rounded to bytes, then along the columns.
//
// Nothing else will do: sharp's, a canvas's and ONNX's bicubic all give other pixels, and the model
// answers by the pixels it was trained on.
import { RESAMPLE_FILTERS, type ResampleFilter } from '../../../compiled/picture.ts'
import { turnUpright } from '../orientation.ts'
import type { Orientation } from '../orientation.ts'
import type { RgbPixels } from '../picture.ts'
import { BICUBIC, type Filter, filterOf } from './filters.ts'
import { resizeNearest } from './nearest.ts'
import { planPasses } from './passes.ts'
import type { Passes } from './passes.ts'
import { resizePlain } from './plain.ts'
import { createVectorResizer } from './vector.ts'

const vectorResizer = createVectorResizer()

interface Size {
  readonly width: number
  readonly height: number
}

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
  return resizeFiltered(picture, width, height, orientation, BICUBIC)
}

/** The same as one of PIL.Image.Resampling does it. */
export function resizeAs(
  resample: ResampleFilter,
  picture: RgbPixels,
  { width, height }: Size,
  orientation: Orientation,
): RgbPixels {
  return resample === RESAMPLE_FILTERS.nearest
    ? resizeNearest(turnUpright(picture, orientation), width, height)
    : resizeFiltered(picture, width, height, orientation, filterOf(resample))
}

/** The same with another of Pillow's filters. */
function resizeFiltered(
  picture: RgbPixels,
  width: number,
  height: number,
  orientation: Orientation,
  filter: Filter,
): RgbPixels {
  const resize = vectorResizer ?? resizePlain
  return resizeWith(resize, picture, { width, height }, orientation, filter)
}

/** The same by the plain loops: slower, bit for bit equal. */
export function resizeBicubicPlain(
  picture: RgbPixels,
  width: number,
  height: number,
  orientation: Orientation = 1,
): RgbPixels {
  return resizeWith(resizePlain, picture, { width, height }, orientation, BICUBIC)
}

function resizeWith(
  resize: (picture: RgbPixels, passes: Passes) => Uint8Array,
  picture: RgbPixels,
  { width, height }: Size,
  orientation: Orientation,
  filter: Filter,
): RgbPixels {
  const passes = planPasses(picture, width, height, orientation, filter)
  const { columns, lines } = passes
  const resized = {
    width: columns?.first.length ?? picture.width,
    height: lines?.first.length ?? picture.height,
    data: columns || lines ? resize(picture, passes) : picture.data,
  }
  return turnUpright(resized, orientation)
}
