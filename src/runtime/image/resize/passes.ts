// Which passes make a picture of one size another, and in which order.
//
// A picture that is stored turned is resized as it lies and only the small result is turned: turning
// twelve megapixels costs as much as decoding them. Sums of whole numbers do not depend on their
// order, so it is enough to mirror the weights, and to filter the stored columns first where they
// are the rows of the upright picture.
import { TURNS, uprightSize } from '../orientation.ts'
import type { Orientation } from '../orientation.ts'
import { createAxisWeights, mirrorAxisWeights } from './coefficients.ts'
import type { AxisWeights } from './coefficients.ts'
import { BICUBIC, type Filter } from './filters.ts'

/**
 * Pillow up to 12.3 goes along the rows first, except in a picture that is more than so many times as
 * high as wide and shrinks. Pillow 13 has another rule: see docs/reference/parity.md.
 */
const STRIP_RATIO = 100

/** What to do to a picture: the weights of each axis, none where the side stays. */
export interface Passes {
  readonly columns: AxisWeights | undefined
  readonly lines: AxisWeights | undefined
  /** The order matters: what the first pass gives is rounded to bytes. */
  readonly columnsFirst: boolean
}

/**
 * @param picture the sides of the picture as it is stored, in pixels
 * @param width, height of the upright result in pixels, at least 1
 */
export function planPasses(
  picture: { readonly width: number; readonly height: number },
  width: number,
  height: number,
  orientation: Orientation,
  filter: Filter = BICUBIC,
): Passes {
  const { transposes, mirrorsColumns, mirrorsRows } = TURNS[orientation]
  const upright = uprightSize(picture, orientation)
  const plan = (input: number, output: number, mirrored: boolean): AxisWeights | undefined =>
    planAxis(input, output, filter, mirrored)
  const horizontal = plan(upright.width, width, transposes ? mirrorsRows : mirrorsColumns)
  const vertical = plan(upright.height, height, transposes ? mirrorsColumns : mirrorsRows)
  const isStrip = upright.height > STRIP_RATIO * upright.width && height < upright.height
  return transposes
    ? { columns: vertical, lines: horizontal, columnsFirst: !isStrip }
    : { columns: horizontal, lines: vertical, columnsFirst: isStrip }
}

/** Like Pillow, an axis that keeps its size is not filtered at all. */
function planAxis(
  input: number,
  output: number,
  filter: Filter,
  mirrored: boolean,
): AxisWeights | undefined {
  if (input === output) return undefined
  const axis = createAxisWeights(input, output, filter)
  return mirrored ? mirrorAxisWeights(axis, input) : axis
}
