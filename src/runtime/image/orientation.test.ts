import { describe, expect, it } from 'vitest'
import { ORIENTATIONS, toOrientation, turnUpright, uprightSize } from './orientation.ts'

/** A letter F, 3 wide and 4 high, as each orientation stores it; the value says which pixel it is. */
const UPRIGHT = ['abc', 'd..', 'gh.', 'j..']
const STORED = {
  1: ['abc', 'd..', 'gh.', 'j..'],
  2: ['cba', '..d', '.hg', '..j'],
  3: ['..j', '.hg', '..d', 'cba'],
  4: ['j..', 'gh.', 'd..', 'abc'],
  5: ['adgj', 'b.h.', 'c...'],
  6: ['c...', 'b.h.', 'adgj'],
  7: ['...c', '.h.b', 'jgda'],
  8: ['jgda', '.h.b', '...c'],
} as const

function toPixels(rows: readonly string[]): { width: number; height: number; data: Uint8Array } {
  const codes = [...Buffer.from(rows.join(''))]
  const data = Uint8Array.from(codes.flatMap((code) => [code, code + 1, code + 2]))
  return { width: rows[0]?.length ?? 0, height: rows.length, data }
}

describe('turnUpright', () => {
  it.each(ORIENTATIONS)('turns what is stored with orientation %d', (orientation) => {
    expect(turnUpright(toPixels(STORED[orientation]), orientation)).toEqual(toPixels(UPRIGHT))
  })

  it('keeps what else is known about the picture', () => {
    const picture = { ...toPixels(STORED[6]), format: 'jpeg' } as const
    expect(turnUpright(picture, 6).format).toBe('jpeg')
  })

  it('copies nothing when there is nothing to turn', () => {
    const picture = toPixels(UPRIGHT)
    expect(turnUpright(picture, 1)).toBe(picture)
  })
})

describe('uprightSize', () => {
  it.each(ORIENTATIONS)('gives the size of a picture stored with orientation %d', (orientation) => {
    expect(uprightSize(toPixels(STORED[orientation]), orientation)).toEqual({ width: 3, height: 4 })
  })
})

describe('toOrientation', () => {
  it('takes the eight values and calls anything else upright', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(toOrientation)).toEqual([...ORIENTATIONS])
    expect([0, 9, -1, 1.5, undefined].map(toOrientation)).toEqual([1, 1, 1, 1, 1])
  })
})
