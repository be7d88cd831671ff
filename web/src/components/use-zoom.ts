// Zooming a window with wheel, two fingers, keys and buttons. Moving about in it is scrolling.
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Point } from '../session/region.ts'
import {
  clampZoom,
  LEAST_ZOOM,
  scrollAfter,
  TAPPED_ZOOM,
  wheelZoom,
  ZOOM_STEP,
} from '../session/zoom.ts'
import { followFingers } from './follow-fingers.ts'

export interface Zoom {
  readonly value: number
  /** By buttons: the middle of the window stays. */
  readonly change: (zoom: number) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

export function useZoom(window: RefObject<HTMLElement>): Zoom {
  const [value, setValue] = useState(1)
  const shown = useRef(value)
  const anchor = useRef<Point>()

  const zoomAt = (next: number, at?: Point): void => {
    const { clientWidth = 0, clientHeight = 0 } = window.current ?? {}
    anchor.current = at ?? { x: clientWidth / 2, y: clientHeight / 2 }
    setValue(clampZoom(next))
  }
  useLayoutEffect(() => {
    const element = window.current
    const factor = value / shown.current
    shown.current = value
    if (element === null || anchor.current === undefined || factor === 1) return
    const scroll = { x: element.scrollLeft, y: element.scrollTop }
    const { x, y } = scrollAfter(scroll, anchor.current, factor)
    element.scrollTo(x, y)
  }, [value])

  useEffect(() => {
    const element = window.current
    if (element === null) return undefined
    const listeners = new AbortController()
    // Not passive: the browser would zoom the whole page.
    const options = { signal: listeners.signal, passive: false }
    const place = ({ clientX, clientY }: MouseEvent): Point => {
      const { left, top } = element.getBoundingClientRect()
      return { x: clientX - left, y: clientY - top }
    }
    element.addEventListener(
      'wheel',
      (event) => {
        // With Ctrl, as browsers zoom, and as a pinch on a touchpad arrives.
        if (!event.ctrlKey && !event.metaKey) return
        event.preventDefault()
        zoomAt(wheelZoom(shown.current, event.deltaY), place(event))
      },
      options,
    )
    let before = LEAST_ZOOM
    followFingers(
      element,
      {
        onPinchStart: () => {
          before = shown.current
        },
        onPinch: (factor, middle, moved) => {
          element.scrollBy(-moved.x, -moved.y)
          zoomAt(before * factor, middle)
        },
        onDoubleTap: (at) => zoomAt(shown.current > LEAST_ZOOM ? LEAST_ZOOM : TAPPED_ZOOM, at),
      },
      listeners.signal,
    )
    return () => listeners.abort()
  }, [])

  return {
    value,
    change: zoomAt,
    onKeyDown: (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const next = { '+': value * ZOOM_STEP, '-': value / ZOOM_STEP, '0': 1 }[event.key]
      if (next === undefined) return
      event.preventDefault()
      zoomAt(next)
    },
  }
}
