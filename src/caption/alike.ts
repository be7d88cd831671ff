// Whether two pictures show the same, but for the noise of a camera and of compression.
//
// The rule compares the greatest difference with the usual one, in single cells and in blocks of them:
// noise is everywhere, while what has changed (a word, a person who comes in) stands out in its place,
// and what is dim stands out in the mean of all that it covers. Thresholds as measured in
// docs/decisions/0013-alike-pictures.md; in doubt two pictures are two.
import { LOOK_SIDE, type PictureLook } from './ports.ts'

/** Of brightness, 0 to 255, in one cell: what compression alone makes of edges. */
const LEAST_STEP = 4
/** Of noise, in 36,864 cells, the greatest is some five times the usual one. */
const STEP_TO_NOISE = 6
/** There are fewer blocks, and the greatest of them is nearer to the usual one. */
const BLOCK_STEP_TO_NOISE = 5
/** Cells on a side of the blocks: something dim shows in the mean of all that it covers. */
const GRIDS = [1, 2, 4, 8, 16]
/** Beyond this noise hides what might have changed. */
const MOST_NOISE = 2.4
/** Of colour: files keep it coarsely, so it is compared in blocks of this many cells on a side. */
const COLOUR_GRID = 4
const MOST_COLOUR_STEP = 5
/** BT.601, as JPEG has it: brightness, and what makes Cr and Cb of the rest. */
const RED_SHARE = 0.299
const GREEN_SHARE = 0.587
const BLUE_SHARE = 0.114
const RED_SCALE = 0.713
const BLUE_SCALE = 0.564

/** The same both ways; a look is always like itself. */
export function areAlike(one: PictureLook, other: PictureLook): boolean {
  if (one.width !== other.width || one.height !== other.height) return false
  const { brightness, redness, blueness } = differencesOf(one.cells, other.cells)
  return (
    isNoise(brightness) &&
    greatest(meansOf(redness, COLOUR_GRID)) <= MOST_COLOUR_STEP &&
    greatest(meansOf(blueness, COLOUR_GRID)) <= MOST_COLOUR_STEP
  )
}

/** Noise halves where the blocks are twice as wide; what compression does falls less. */
function isNoise(steps: Float64Array): boolean {
  let squares = 0
  for (const step of steps) squares += step * step
  const noise = Math.sqrt(squares / steps.length)
  if (noise > MOST_NOISE) return false
  return GRIDS.every((grid) => {
    const usual = (grid === 1 ? STEP_TO_NOISE : BLOCK_STEP_TO_NOISE) * (noise / grid)
    return greatest(meansOf(steps, grid)) <= Math.max(LEAST_STEP / Math.sqrt(grid), usual)
  })
}

interface Differences {
  readonly brightness: Float64Array
  readonly redness: Float64Array
  readonly blueness: Float64Array
}

/** Cell by cell, in levels of Y, Cr and Cb. */
function differencesOf(one: Uint8Array, other: Uint8Array): Differences {
  const cells = LOOK_SIDE * LOOK_SIDE
  const brightness = new Float64Array(cells)
  const redness = new Float64Array(cells)
  const blueness = new Float64Array(cells)
  for (let cell = 0, byte = 0; cell < cells; cell += 1, byte += 3) {
    const red = (one[byte] ?? 0) - (other[byte] ?? 0)
    const green = (one[byte + 1] ?? 0) - (other[byte + 1] ?? 0)
    const blue = (one[byte + 2] ?? 0) - (other[byte + 2] ?? 0)
    const bright = RED_SHARE * red + GREEN_SHARE * green + BLUE_SHARE * blue
    brightness[cell] = bright
    redness[cell] = RED_SCALE * (red - bright)
    blueness[cell] = BLUE_SCALE * (blue - bright)
  }
  return { brightness, redness, blueness }
}

/** In blocks of `grid` x `grid` cells. */
function meansOf(steps: Float64Array, grid: number): Float64Array {
  if (grid === 1) return steps
  const blocks = LOOK_SIDE / grid
  const means = new Float64Array(blocks * blocks)
  for (let y = 0, cell = 0; y < LOOK_SIDE; y += 1) {
    const row = Math.floor(y / grid) * blocks
    for (let x = 0; x < LOOK_SIDE; x += 1, cell += 1) {
      const block = row + Math.floor(x / grid)
      means[block] = (means[block] ?? 0) + (steps[cell] ?? 0) / (grid * grid)
    }
  }
  return means
}

function greatest(steps: Float64Array): number {
  let most = 0
  for (const step of steps) most = Math.max(most, Math.abs(step))
  return most
}
