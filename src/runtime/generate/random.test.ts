import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createRandom } from './random.ts'

const fixture = new URL('../../../test/fixtures/search/random.json', import.meta.url)
const known: { seed: number; stream: number; numbers: number[] }[] = JSON.parse(
  readFileSync(fixture, 'utf8'),
)

describe('createRandom', () => {
  it.each(known)('gives the numbers of SFC32 for seed $seed, stream $stream', (row) => {
    const random = createRandom(row.seed, row.stream)
    expect(row.numbers.map(() => random())).toEqual(row.numbers)
  })

  it('spreads evenly over [0, 1)', () => {
    const random = createRandom(5, 0)
    const bins = Array.from({ length: 16 }, () => 0)
    for (let i = 0; i < 64_000; i += 1) {
      const bin = Math.floor(random() * 16)
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    const chiSquared = bins.reduce((sum, count) => sum + (count - 4000) ** 2 / 4000, 0)
    // 15 degrees of freedom: beyond 44 once in ten thousand.
    expect(chiSquared).toBeLessThan(44)
  })

  it('keeps the streams of neighbouring seeds apart', () => {
    const firsts = [1, 2, 3].flatMap((seed) => [0, 1, 2].map((s) => createRandom(seed, s)()))
    expect(new Set(firsts).size).toBe(9)
  })
})
