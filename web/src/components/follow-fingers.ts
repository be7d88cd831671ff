// Two fingers that spread or close, and a double tap. By touch events and not by pointers: browsers take
// the pointers away as soon as they begin to scroll, while a touch can be kept from scrolling.
import type { Point } from '../session/region.ts'

export interface FingerHooks {
  /** Two fingers are down. */
  readonly onPinchStart: () => void
  /**
   * @param factor of the distance between the fingers since the pinch began
   * @param middle between the fingers, from the corner of the element
   * @param moved how far that went since the last call
   */
  readonly onPinch: (factor: number, middle: Point, moved: Point) => void
  readonly onDoubleTap: (at: Point) => void
}

/** As systems have it for a double click. */
const DOUBLE_TAP_MS = 300
/** A finger is no pen: the second tap lands beside the first. */
const DOUBLE_TAP_PX = 32
/** Beyond this a finger was dragged, not tapped. */
const TAP_SLOP_PX = 10

/** Listens until `signal` aborts. */
export function followFingers(element: HTMLElement, hooks: FingerHooks, signal: AbortSignal): void {
  // Not passive: the browser would scroll, or zoom the whole page.
  const options = { signal, passive: false }
  const placeOf = ({ clientX, clientY }: Touch): Point => {
    const { left, top } = element.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }
  const pinchOf = ({ touches }: TouchEvent) => {
    const [a, b] = [...touches].map(placeOf)
    if (a === undefined || b === undefined || touches.length !== 2) return undefined
    return {
      spread: distance(a, b),
      middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
    }
  }
  let pinch: { readonly spread: number; readonly middle: Point } | undefined
  let touched: Point | undefined
  let tapped: { readonly at: Point; readonly time: number } | undefined

  element.addEventListener(
    'touchstart',
    (event) => {
      pinch = pinchOf(event)
      const [first] = event.touches
      touched = event.touches.length === 1 && first !== undefined ? placeOf(first) : undefined
      if (pinch !== undefined) {
        event.preventDefault()
        hooks.onPinchStart()
      }
    },
    options,
  )
  element.addEventListener(
    'touchmove',
    (event) => {
      const now = pinchOf(event)
      if (now === undefined || pinch === undefined) return
      event.preventDefault()
      const moved = { x: now.middle.x - pinch.middle.x, y: now.middle.y - pinch.middle.y }
      hooks.onPinch(now.spread / Math.max(pinch.spread, 1), now.middle, moved)
      pinch = { spread: pinch.spread, middle: now.middle }
    },
    options,
  )
  element.addEventListener(
    'touchend',
    (event) => {
      if (event.touches.length < 2) pinch = undefined
      const [last] = event.changedTouches
      const at = last === undefined ? undefined : placeOf(last)
      const from = touched
      touched = undefined
      if (at === undefined || from === undefined || distance(from, at) > TAP_SLOP_PX) return
      const before = tapped
      tapped = { at, time: event.timeStamp }
      if (before === undefined) return
      const isDouble =
        event.timeStamp - before.time <= DOUBLE_TAP_MS && distance(before.at, at) <= DOUBLE_TAP_PX
      if (!isDouble) return
      tapped = undefined
      // No click and no zoom of the page follow.
      event.preventDefault()
      hooks.onDoubleTap(at)
    },
    options,
  )
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}
