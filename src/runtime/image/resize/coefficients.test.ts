import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAxisWeights, mirrorAxisWeights, WEIGHT_BITS } from './coefficients.ts'

const side = fc.integer({ min: 1, max: 3000 })

function weightsOf(axis: ReturnType<typeof createAxisWeights>, output: number): number[] {
  const start = output * axis.taps
  return [...axis.weights.subarray(start, start + (axis.count[output] ?? 0))]
}

describe('createAxisWeights', () => {
  it('gives the weights of the cubic with a = -0.5', () => {
    // Twice as large: the second output pixel lies a quarter past the first source pixel's centre.
    const axis = createAxisWeights(4, 8)
    const exact = [-0.0703125, 0.8671875, 0.2265625, -0.0234375]
    expect(axis.first[3]).toBe(0)
    expect(weightsOf(axis, 3)).toEqual(exact.map((weight) => weight * 2 ** WEIGHT_BITS))
  })

  it('widens the filter when it scales down', () => {
    expect(createAxisWeights(4000, 768).taps).toBeGreaterThanOrEqual(20)
    expect(createAxisWeights(100, 768).taps).toBeLessThanOrEqual(5)
  })

  it('has weights that sum to one, for source pixels that exist, from left to right', () => {
    fc.assert(
      fc.property(side, fc.integer({ min: 1, max: 900 }), (input, output) => {
        const axis = createAxisWeights(input, output)
        let previous = 0
        for (let o = 0; o < output; o += 1) {
          const weights = weightsOf(axis, o)
          const first = axis.first[o] ?? -1
          expect(weights.length).toBeGreaterThan(0)
          expect(first).toBeGreaterThanOrEqual(previous)
          expect(first + weights.length).toBeLessThanOrEqual(input)
          const sum = weights.reduce((all, weight) => all + weight, 0)
          expect(Math.abs(sum - 2 ** WEIGHT_BITS)).toBeLessThanOrEqual(weights.length)
          previous = first
        }
      }),
      { numRuns: 30 },
    )
  })

  it('mirrors to weights that read the axis from its other end', () => {
    fc.assert(
      fc.property(side, fc.integer({ min: 1, max: 900 }), (input, output) => {
        const axis = createAxisWeights(input, output)
        const mirrored = mirrorAxisWeights(axis, input)
        const o = Math.floor(output / 3)
        const other = output - 1 - o
        expect(weightsOf(mirrored, other)).toEqual(weightsOf(axis, o).toReversed())
        const last = (axis.first[o] ?? 0) + (axis.count[o] ?? 0) - 1
        expect(mirrored.first[other]).toBe(input - 1 - last)
        expect(mirrorAxisWeights(mirrored, input)).toEqual(axis)
      }),
      { numRuns: 30 },
    )
  })

  it('cannot overflow 32 bits in a sum over white pixels', () => {
    fc.assert(
      fc.property(side, fc.integer({ min: 1, max: 900 }), (input, output) => {
        const axis = createAxisWeights(input, output)
        for (let o = 0; o < output; o += 1) {
          const size = weightsOf(axis, o).reduce((all, weight) => all + Math.abs(weight), 0)
          expect(size * 255 + 2 ** (WEIGHT_BITS - 1)).toBeLessThan(2 ** 31)
        }
      }),
      { numRuns: 30 },
    )
  })
})
