import { describe, expect, it } from 'vitest'
import { clampZoom, LEAST_ZOOM, MOST_ZOOM, scrollAfter, wheelZoom } from './zoom.ts'

describe('zoom', () => {
  it('stays between the whole picture and single pixels', () => {
    expect([clampZoom(0.1), clampZoom(100)]).toEqual([LEAST_ZOOM, MOST_ZOOM])
    expect(wheelZoom(1, 1000)).toBe(LEAST_ZOOM)
    expect(wheelZoom(2, -100)).toBeGreaterThan(2)
  })

  it('keeps what is under the pointer there', () => {
    // The point at 30 of the picture is at 10 of the window; twice as large it is at 60.
    expect(scrollAfter({ x: 20, y: 0 }, { x: 10, y: 5 }, 2)).toEqual({ x: 50, y: 5 })
  })
})
