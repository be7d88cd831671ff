// Puts a transparent picture on its background, as PIL's `Image.paste(picture, mask=alpha)` does:
// each byte mixed by its alpha and rounded. Exact where alpha is 0 or 255.
import type { Background } from '../../base/background.ts'
import type { RgbPixels } from './picture.ts'

/** The squares of a checkerboard, as image editors draw them. */
const CHECKER = [0xffffff, 0xcccccc] as const
/** On a small picture, in pixels; on a large one they grow, or resizing would make grey of them. */
const MIN_SQUARE = 8
/** Squares along the longer side of a large one. */
const SQUARES = 48

/**
 * Overwrites `data` of the picture.
 *
 * @param alpha [height, width], 255 is opaque
 * @param background `reference` leaves the stored colours as they are
 */
export function flatten(
  { width, height, data }: RgbPixels,
  alpha: Uint8Array,
  background: Background,
): void {
  if (background === 'reference') return
  const colourAt = createColours(background, width, height)
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      const opacity = alpha[at] ?? 255
      if (opacity === 255) continue
      const colour = colourAt(x, y)
      const to = at * 3
      data[to] = mix(data[to] ?? 0, colour >> 16, opacity)
      data[to + 1] = mix(data[to + 1] ?? 0, (colour >> 8) & 255, opacity)
      data[to + 2] = mix(data[to + 2] ?? 0, colour & 255, opacity)
    }
  }
}

function createColours(
  background: Exclude<Background, 'reference'>,
  width: number,
  height: number,
): (x: number, y: number) => number {
  if (background === 'checker') {
    const square = Math.max(MIN_SQUARE, Math.ceil(Math.max(width, height) / SQUARES))
    return (x, y) =>
      (Math.floor(x / square) + Math.floor(y / square)) % 2 === 0 ? CHECKER[0] : CHECKER[1]
  }
  const colour =
    background === 'white'
      ? 0xffffff
      : background === 'black'
        ? 0
        : Number.parseInt(background.slice(1), 16)
  return () => colour
}

/** In the integer form that Pillow divides by 255 with. */
function mix(above: number, below: number, opacity: number): number {
  const sum = above * opacity + below * (255 - opacity) + 128
  return ((sum >> 8) + sum) >> 8
}
