import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isDrag, regionFault, toBox, toPicturePoint } from './region.ts'

const picture = { width: 640, height: 480 }
/** The picture shown at half its size. */
const frame = { left: 100, top: 50, width: 320, height: 240 }

describe('a region', () => {
  it('is measured in pixels of the picture, however large it is shown', () => {
    expect(toPicturePoint({ x: 110, y: 70 }, frame, picture)).toEqual({ x: 20, y: 40 })
  })

  it('ends at the edges of the picture', () => {
    expect(toPicturePoint({ x: 0, y: 999 }, frame, picture)).toEqual({ x: 0, y: 480 })
  })

  it('is one the server takes, whichever way it was drawn', () => {
    const point = fc.record({
      x: fc.double({ min: 0, max: 639, noNaN: true }),
      y: fc.double({ min: 0, max: 479, noNaN: true }),
    })
    fc.assert(
      fc.property(point, point, (from, to) => {
        const box = toBox(from, to)
        expect(regionFault(box, picture)).toBeUndefined()
        expect(box.every(Number.isInteger)).toBe(true)
        expect(toBox(to, from)).toEqual(box)
      }),
    )
  })

  it('needs a drag: a click is none', () => {
    expect(isDrag({ x: 5, y: 5 }, { x: 7, y: 6 })).toBe(false)
    expect(isDrag({ x: 5, y: 5 }, { x: 9, y: 5 })).toBe(true)
  })

  it.each([
    [[NaN, 0, 1, 1], 'four numbers'],
    [[0, 0, 641, 1], '640 × 480'],
    [[-1, 0, 1, 1], '640 × 480'],
    [[5, 0, 5, 1], 'right of'],
    [[0, 9, 5, 8], 'below'],
  ] as const)('%j is refused in words', (box, words) => {
    expect(regionFault(box, picture)).toContain(words)
  })
})
