import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toReadingLines } from './reading-order.ts'
import type { LabelledQuad } from './task-data.ts'

function quad(label: string, x: number, y: number, width: number, height: number): LabelledQuad {
  return { label, quad: [x, y, x + width, y, x + width, y + height, x, y + height] }
}

function read(quads: readonly LabelledQuad[]): readonly (readonly string[])[] {
  return toReadingLines(quads).map((line) => line.map(({ label }) => label))
}

describe('toReadingLines', () => {
  it('reads lines from the top and each from the left', () => {
    expect(
      read([
        quad('price', 300, 11, 50, 20),
        quad('total', 10, 50, 60, 20),
        quad('milk', 10, 10, 60, 20),
        quad('3.50', 300, 49, 50, 20),
      ]),
    ).toEqual([
      ['milk', 'price'],
      ['total', '3.50'],
    ])
  })

  it('does not let a headline swallow the small print beside it', () => {
    expect(
      read([
        quad('SALE', 0, 0, 200, 100),
        quad('today', 220, 0, 50, 10),
        quad('only', 220, 85, 50, 10),
      ]),
    ).toEqual([['today'], ['SALE'], ['only']])
  })

  it('joins pieces of a slanted line', () => {
    expect(
      read([
        quad('one', 0, 10, 50, 20),
        quad('two', 60, 14, 50, 20),
        quad('three', 120, 18, 50, 20),
      ]),
    ).toEqual([['one', 'two', 'three']])
  })

  it('keeps every quad exactly once', () => {
    const coordinate = fc.integer({ min: 0, max: 1000 })
    const any = fc.record({
      label: fc.string(),
      quad: fc.array(coordinate, { minLength: 8, maxLength: 8 }),
    })
    fc.assert(
      fc.property(fc.array(any), (quads) => {
        expect(new Set(toReadingLines(quads).flat())).toEqual(new Set(quads))
        expect(toReadingLines(quads).flat()).toHaveLength(quads.length)
      }),
    )
  })
})
