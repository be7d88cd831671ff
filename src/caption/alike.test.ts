import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { areAlike } from './alike.ts'
import { LOOK_SIDE, type PictureLook } from './ports.ts'

const BYTES = LOOK_SIDE * LOOK_SIDE * 3

function look(colour: (cell: number, channel: number) => number, width = 1280): PictureLook {
  const cells = Uint8Array.from({ length: BYTES }, (_, byte) =>
    colour(Math.floor(byte / 3), byte % 3),
  )
  return { width, height: 720, cells }
}

/** Deterministic, between -1 and 1, with no pattern that a block would average to something. */
function noise(cell: number, seed: number): number {
  const value = Math.sin(cell * 12.9898 + seed * 78.233) * 43_758.5453
  return 2 * (value - Math.floor(value)) - 1
}

const scene = (cell: number) => 60 + ((cell * 7) % 120)

describe('areAlike', () => {
  it.each([1, 2, 2.5])('joins what differs by noise of %i', (strength) => {
    const frame = (seed: number) =>
      look((cell) => Math.round(scene(cell) + strength * noise(cell, seed)))
    expect(areAlike(frame(1), frame(2))).toBe(true)
  })

  it.each([
    ['one cell by more than edges', 7, 1],
    ['a row of cells', 9, 12],
  ])('parts what differs in its place: %s', (_, step, count) => {
    const other = look((cell) => scene(cell) + (cell >= 9_000 && cell < 9_000 + count ? step : 0))
    expect(areAlike(look(scene), other)).toBe(false)
  })

  it('parts what differs in its place below noise', () => {
    const frame = (seed: number, step: number) =>
      look((cell) =>
        Math.round(scene(cell) + 2 * noise(cell, seed) + (cell > 9_000 && cell < 9_006 ? step : 0)),
      )
    expect(areAlike(frame(1, 0), frame(2, 0))).toBe(true)
    expect(areAlike(frame(1, 0), frame(2, 25))).toBe(false)
  })

  it.each([
    [3, 24],
    [6, 12],
    [8, 6],
  ])('parts what is dimmer than noise by what it covers: %i levels on %i cells', (step, side) => {
    const isChanged = (cell: number) => cell % LOOK_SIDE < side && cell < side * LOOK_SIDE
    const frame = (seed: number, more: number) =>
      look((cell) => Math.round(scene(cell) + 2 * noise(cell, seed) + (isChanged(cell) ? more : 0)))
    expect(areAlike(frame(1, 0), frame(2, 0))).toBe(true)
    expect(areAlike(frame(1, 0), frame(2, step))).toBe(false)
  })

  it('parts what has another colour of the same brightness', () => {
    const block = (cell: number) => cell % LOOK_SIDE < 8 && cell < 8 * LOOK_SIDE
    const red = look((cell, channel) => (block(cell) ? ([120, 80, 80][channel] ?? 0) : 90))
    const green = look((cell, channel) => (block(cell) ? ([80, 100, 83][channel] ?? 0) : 90))
    expect(areAlike(red, green)).toBe(false)
  })

  it('parts pictures of other sizes, and noise that hides everything', () => {
    expect(areAlike(look(scene), look(scene, 1920))).toBe(false)
    const frame = (seed: number) => look((cell) => Math.round(scene(cell) + 12 * noise(cell, seed)))
    expect(areAlike(frame(1), frame(2))).toBe(false)
  })

  it('is the same both ways', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 8 }), (one, two, strength) => {
        const [a, b] = [one, two].map((seed) =>
          look((cell) => Math.round(scene(cell) + strength * noise(cell, seed))),
        )
        if (a === undefined || b === undefined) return
        expect(areAlike(a, b)).toBe(areAlike(b, a))
        expect(areAlike(a, a)).toBe(true)
      }),
      { numRuns: 10 },
    )
  })
})
