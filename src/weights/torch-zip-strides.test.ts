import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countSpan, isContiguous, toContiguous } from './torch-zip-strides.ts'

/** Strides of a C-ordered array. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((count, size) => count * size, 1))
}

describe('isContiguous', () => {
  it.each([
    [[2, 3], [3, 1], true],
    [[2, 3], [1, 2], false],
    [[2, 3], [6, 1], false],
    [[1, 3], [99, 1], true],
    [[3, 1], [1, 99], true],
    [[5], [2], false],
    [[], [], true],
  ])('of shape %j with strides %j is %s', (shape, strides, expected) => {
    expect(isContiguous({ shape, strides })).toBe(expected)
  })
})

describe('toContiguous', () => {
  it('gives each element where its indices say, for any permutation and slice', () => {
    const cases = fc
      .array(
        fc.record({
          size: fc.integer({ min: 1, max: 4 }),
          order: fc.nat(),
          step: fc.integer({ min: 1, max: 3 }),
        }),
        { minLength: 1, maxLength: 4 },
      )
      .map((axes) => {
        // A big C-ordered array, of which every axis is stepped through, in another order of axes.
        const whole = axes.map(({ size, step }) => size * step)
        const strides = stridesOf(whole).map((stride, axis) => stride * (axes[axis]?.step ?? 1))
        const order = axes
          .map((_, axis) => axis)
          .toSorted((a, b) => (axes[a]?.order ?? 0) - (axes[b]?.order ?? 0))
        return {
          shape: order.map((axis) => axes[axis]?.size ?? 1),
          strides: order.map((axis) => strides[axis] ?? 1),
        }
      })
    fc.assert(
      fc.property(cases, fc.constantFrom(1, 2, 4, 8), (view, elementBytes) => {
        const length = countSpan(view)
        const span = Uint8Array.from(
          { length: length * elementBytes },
          (_, at) => (at * 31 + (at >> 8)) & 0xff,
        )
        const result = toContiguous(span, view, elementBytes)
        const dense = stridesOf(view.shape)
        const count = view.shape.reduce((product, size) => product * size, 1)
        expect(result).toHaveLength(count * elementBytes)
        for (let element = 0; element < count; element += 1) {
          const source = view.shape.reduce(
            (sum, size, axis) =>
              sum + (Math.floor(element / (dense[axis] ?? 1)) % size) * (view.strides[axis] ?? 0),
            0,
          )
          expect(result.subarray(element * elementBytes, (element + 1) * elementBytes)).toEqual(
            span.subarray(source * elementBytes, (source + 1) * elementBytes),
          )
        }
      }),
    )
  })

  it('needs no bytes for an empty view', () => {
    const view = { shape: [0, 7], strides: [7, 1] }
    expect(countSpan(view)).toBe(0)
    expect(toContiguous(new Uint8Array(0), view, 4)).toHaveLength(0)
  })
})
