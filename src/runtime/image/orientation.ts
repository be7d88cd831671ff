// The eight ways in which a camera may store a picture, and how each is turned upright.
//
// Source: the Orientation tag (274) of EXIF and TIFF. Turning only moves pixels, so it is exact.
import type { RgbPixels } from './picture.ts'

export const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8] as const

export type Orientation = (typeof ORIENTATIONS)[number]

interface Turn {
  /** Upright columns are stored as rows. */
  readonly transposes: boolean
  /** The stored columns, or rows, run the other way. */
  readonly mirrorsColumns: boolean
  readonly mirrorsRows: boolean
}

function turn(transposes: boolean, mirrorsColumns: boolean, mirrorsRows: boolean): Turn {
  return { transposes, mirrorsColumns, mirrorsRows }
}

/** How a picture with this orientation tag is stored, seen from the upright picture. */
export const TURNS: Readonly<Record<Orientation, Turn>> = {
  1: turn(false, false, false),
  2: turn(false, true, false),
  3: turn(false, true, true),
  4: turn(false, false, true),
  5: turn(true, false, false),
  6: turn(true, false, true), // phones held upright
  7: turn(true, true, true),
  8: turn(true, true, false),
}

/** The tag's value, or 1 for values that mean nothing. */
export function toOrientation(value: number | undefined): Orientation {
  return ORIENTATIONS.find((orientation) => orientation === value) ?? 1
}

/** Width and height of the picture once it is upright. */
export function uprightSize(
  { width, height }: { readonly width: number; readonly height: number },
  orientation: Orientation,
): { width: number; height: number } {
  return TURNS[orientation].transposes ? { width: height, height: width } : { width, height }
}

/** The pixels turned upright; the same object when they are. */
export function turnUpright<Pixels extends RgbPixels>(
  picture: Pixels,
  orientation: Orientation,
): Pixels {
  if (orientation === 1) return picture
  const { transposes, mirrorsColumns, mirrorsRows } = TURNS[orientation]
  const { width, height } = uprightSize(picture, orientation)
  const alongRow = mirrorsColumns ? -3 : 3
  const alongColumn = picture.width * (mirrorsRows ? -3 : 3)
  const [stepX, stepY] = transposes ? [alongColumn, alongRow] : [alongRow, alongColumn]
  const origin =
    (mirrorsColumns ? (picture.width - 1) * 3 : 0) +
    (mirrorsRows ? (picture.height - 1) * picture.width * 3 : 0)
  const source = picture.data
  const data = new Uint8Array(source.length)
  let to = 0
  for (let y = 0; y < height; y += 1) {
    let from = origin + y * stepY
    for (let x = 0; x < width; x += 1) {
      data[to] = source[from] ?? 0
      data[to + 1] = source[from + 1] ?? 0
      data[to + 2] = source[from + 2] ?? 0
      to += 3
      from += stepX
    }
  }
  return { ...picture, width, height, data }
}
