// How large a picture is shown, and what stays under the pointer when that changes.
import type { Point } from './region.ts'

/** 1 is the whole picture. */
export const LEAST_ZOOM = 1
/** A pixel of a large photograph is then larger than one of the screen. */
export const MOST_ZOOM = 8
/** Of a double tap on the whole picture; the next one shows the whole picture again. */
export const TAPPED_ZOOM = 3
/** Of a button or a key. */
export const ZOOM_STEP = 1.5

/** Of one pixel that a wheel turns: a notch of a mouse has about a hundred. */
const WHEEL_SHARE = 0.004

export function clampZoom(zoom: number): number {
  return Math.min(Math.max(zoom, LEAST_ZOOM), MOST_ZOOM)
}

export function wheelZoom(zoom: number, deltaY: number): number {
  return clampZoom(zoom * Math.exp(-deltaY * WHEEL_SHARE))
}

/**
 * Where a window must be scrolled to after a change, so that what was at a point stays there.
 * @param at the point, from the corner of the window
 */
export function scrollAfter(scroll: Point, at: Point, factor: number): Point {
  return { x: (scroll.x + at.x) * factor - at.x, y: (scroll.y + at.y) * factor - at.y }
}
