// Pillow's resampling filters: how much a source pixel counts at a distance from the centre.
//
// Source: Pillow's Resample.c. Every operation is kept in its order: a different rounding of one
// double can change a weight, and with it a pixel.
import { RESAMPLE_FILTERS, type ResampleFilter } from '../../../compiled/picture.ts'

export interface Filter {
  /** Source pixels on either side that the filter reaches at full scale. */
  readonly support: number
  /** @param distance in source pixels at full scale */
  weigh(distance: number): number
}

/** Of the cubic: the value Pillow uses, which differs from OpenCV's -0.75. */
const CUBIC_A = -0.5
const LANCZOS_LOBES = 3

export const BICUBIC: Filter = {
  support: 2,
  weigh(distance) {
    const x = Math.abs(distance)
    if (x < 1) return ((CUBIC_A + 2) * x - (CUBIC_A + 3)) * x * x + 1
    if (x < 2) return (((x - 5) * x + 8) * x - 4) * CUBIC_A
    return 0
  },
}

const BILINEAR: Filter = {
  support: 1,
  weigh: (distance) => Math.max(0, 1 - Math.abs(distance)),
}

const BOX: Filter = {
  support: 0.5,
  weigh: (distance) => (distance > -0.5 && distance <= 0.5 ? 1 : 0),
}

const HAMMING: Filter = {
  support: 1,
  weigh(distance) {
    const x = Math.abs(distance)
    if (x === 0) return 1
    if (x >= 1) return 0
    const angle = x * Math.PI
    return (Math.sin(angle) / angle) * (0.54 + 0.46 * Math.cos(angle))
  },
}

const LANCZOS: Filter = {
  support: LANCZOS_LOBES,
  weigh: (distance) =>
    distance >= -LANCZOS_LOBES && distance < LANCZOS_LOBES
      ? sinc(distance) * sinc(distance / LANCZOS_LOBES)
      : 0,
}

function sinc(x: number): number {
  if (x === 0) return 1
  const angle = x * Math.PI
  return Math.sin(angle) / angle
}

/** The nearest pixel is found without one. */
export type WeightedFilter = Exclude<ResampleFilter, typeof RESAMPLE_FILTERS.nearest>

const FILTERS: Readonly<Record<WeightedFilter, Filter>> = {
  [RESAMPLE_FILTERS.lanczos]: LANCZOS,
  [RESAMPLE_FILTERS.bilinear]: BILINEAR,
  [RESAMPLE_FILTERS.bicubic]: BICUBIC,
  [RESAMPLE_FILTERS.box]: BOX,
  [RESAMPLE_FILTERS.hamming]: HAMMING,
}

export function filterOf(resample: WeightedFilter): Filter {
  return FILTERS[resample]
}
