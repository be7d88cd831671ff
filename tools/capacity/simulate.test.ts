import { describe, expect, it } from 'vitest'
import { POLICIES, type Simulation, simulate } from './simulate.ts'

const BASE: Simulation = {
  servers: 1,
  policy: 'random',
  load: 0.8,
  serviceSeconds: 2,
  variation: 1,
  requests: 200_000,
  seed: 1,
}

describe('simulate', () => {
  it.each([
    [0, 0.5],
    [0.5, 0.7],
    [1, 0.8],
  ])(
    "gives one server the mean wait of Pollaczek and Khinchine's formula (variation %s, load %s)",
    (variation, load) => {
      const { mean } = simulate({ ...BASE, variation, load })
      const formula = (BASE.serviceSeconds * load * (1 + variation ** 2)) / (2 * (1 - load))
      expect(Math.abs(mean - formula) / formula).toBeLessThan(0.08)
    },
  )

  it('gives servers that are chosen at random the waits of as many single ones', () => {
    const one = simulate(BASE)
    const many = simulate({ ...BASE, servers: 16 })
    expect(Math.abs(many.mean - one.mean) / one.mean).toBeLessThan(0.08)
  })

  it('lets all wait alike where there is one server', () => {
    const [random, least, queue] = POLICIES.map((policy) => simulate({ ...BASE, policy }).mean)
    expect(least).toBeCloseTo(random!, 0)
    expect(queue).toBeCloseTo(random!, 0)
  })

  it('is shortest with one line, and longest at random', () => {
    const waits = POLICIES.map((policy) => simulate({ ...BASE, servers: 16, policy }).p95)
    expect(waits).toEqual(waits.toSorted((a, b) => b - a))
  })

  it('gives the same numbers for the same seed', () => {
    expect(simulate(BASE)).toEqual(simulate(BASE))
  })
})
