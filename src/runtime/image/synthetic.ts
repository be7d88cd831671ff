// Pictures made of nothing: for looking at what a model's layers see without any file at hand.
//
// Natural photographs have detail at every scale, its strength falling with its size. A sum of random
// grids from coarse to fine, each half as strong as the one before, is like them in that.
import type { RgbPixels } from './picture.ts'
import { resizeBicubic } from './resize/resize.ts'

/** Squares of the coarsest grid along a side. */
const COARSEST = 3
const MID_GREY = 128
const COARSEST_AMPLITUDE = 110

/** [side, side, 3] bytes, the same for the same seed. */
export function createSyntheticPicture(side: number, seed: number): RgbPixels {
  const random = createRandom(seed)
  const total = new Float32Array(side * side * 3).fill(MID_GREY)
  let amplitude = COARSEST_AMPLITUDE
  for (let cells = COARSEST; cells <= side; cells *= 2) {
    const grid = { width: cells, height: cells, data: new Uint8Array(cells * cells * 3) }
    for (let i = 0; i < grid.data.length; i += 1) grid.data[i] = random()
    const { data } = resizeBicubic(grid, side, side)
    for (let i = 0; i < total.length; i += 1) {
      total[i]! += ((data[i]! - MID_GREY) / MID_GREY) * amplitude
    }
    amplitude /= 2
  }
  // A Uint8ClampedArray rounds and clips.
  return { width: side, height: side, data: new Uint8Array(Uint8ClampedArray.from(total).buffer) }
}

/** Bytes of a linear congruential generator (Numerical Recipes); quality hardly matters here. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  }
}
