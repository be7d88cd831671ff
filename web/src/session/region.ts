// The region that a person marks on a picture, in pixels of the upright picture.
import type { Size } from './session.ts'

export type Box = readonly [x1: number, y1: number, x2: number, y2: number]

export interface Point {
  readonly x: number
  readonly y: number
}

/** Where the picture is shown, in the units of pointer events. */
export interface Frame extends Size {
  readonly left: number
  readonly top: number
}

/** A drag shorter than this, in pixels of the screen, was a click. */
const SHORTEST_DRAG = 4

/** The point of the picture under a pointer; beyond an edge it is on the edge. */
export function toPicturePoint({ x, y }: Point, frame: Frame, picture: Size): Point {
  return {
    x: clamp(((x - frame.left) / frame.width) * picture.width, picture.width),
    y: clamp(((y - frame.top) / frame.height) * picture.height, picture.height),
  }
}

/** The box between two corners in any order, whole pixels, at least one of them. */
export function toBox(from: Point, to: Point): Box {
  const [x1, x2] = [Math.floor(Math.min(from.x, to.x)), Math.ceil(Math.max(from.x, to.x))]
  const [y1, y2] = [Math.floor(Math.min(from.y, to.y)), Math.ceil(Math.max(from.y, to.y))]
  return [x1, y1, Math.max(x2, x1 + 1), Math.max(y2, y1 + 1)]
}

export function isDrag(from: Point, to: Point): boolean {
  return Math.hypot(to.x - from.x, to.y - from.y) >= SHORTEST_DRAG
}

/** Why four typed numbers are no region, in words; undefined when they are one. */
export function regionFault([x1, y1, x2, y2]: Box, { width, height }: Size): string | undefined {
  if (![x1, y1, x2, y2].every(Number.isFinite)) return 'A region needs four numbers.'
  if (x1 < 0 || y1 < 0 || x2 > width || y2 > height) {
    return `The picture is ${width} × ${height} pixels; the region must lie inside.`
  }
  return x1 < x2 && y1 < y2
    ? undefined
    : 'The right edge must be right of the left, bottom below top.'
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most)
}
