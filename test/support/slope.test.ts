import { describe, expect, it } from 'vitest'
import { fitGrowth, type Point } from './slope.ts'
import { createRandom } from '../faults/mutate-picture.ts'

const SAMPLES = 48
const EVERY = 200
const SERIES = 400

/** Samples that grow by `slope`, in noise of which each keeps `memory` of the one before it. */
function makeSeries(random: () => number, slope: number, memory: number): Point[] {
  let noise = 0
  return Array.from({ length: SAMPLES }, (_, i) => {
    noise = memory * noise + (random() + random() + random() - 1.5)
    return [i * EVERY, slope * i * EVERY + noise]
  })
}

describe('fitGrowth', () => {
  it('finds the slope of a line, and no doubt about it', () => {
    const points = Array.from({ length: 10 }, (_, i): Point => [i, 7 + 3 * i])
    const { slope, low, high } = fitGrowth(points)
    expect(slope).toBeCloseTo(3, 12)
    expect([low, high]).toEqual([expect.closeTo(3, 9), expect.closeTo(3, 9)])
  })

  it.each([
    ['independent', 0, 0.94],
    ['slowly wandering', 0.5, 0.92],
    ['wandering', 0.8, 0.85],
  ])('holds the truth as often as it says, in %s noise', (_, memory, least) => {
    const random = createRandom(17)
    const holds = Array.from({ length: SERIES }, () => {
      const { low, high } = fitGrowth(makeSeries(random, 0.001, memory))
      return low <= 0.001 && 0.001 <= high
    })
    expect(holds.filter(Boolean).length / SERIES).toBeGreaterThan(least)
  })

  it('lies above the limit where something grows', () => {
    const random = createRandom(18)
    const found = Array.from({ length: SERIES }, () => fitGrowth(makeSeries(random, 0.002, 0.8)))
    const noticed = found.filter(({ low }) => low > 0.0005)
    expect(noticed.length / SERIES).toBeGreaterThan(0.9)
  })

  it('refuses what shows no slope', () => {
    expect(() =>
      fitGrowth([
        [0, 1],
        [1, 2],
        [2, 3],
      ]),
    ).toThrow('at least 4 points')
    expect(() =>
      fitGrowth([
        [1, 1],
        [1, 2],
        [1, 3],
        [1, 4],
      ]),
    ).toThrow('several x')
  })
})
