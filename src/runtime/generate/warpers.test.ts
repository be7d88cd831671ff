import { describe, expect, it } from 'vitest'
import { TOP_K, warp, WARPED_TOKENS } from './warpers.ts'

function row(probabilities: readonly number[]) {
  return probabilities.map((p, token) => ({ token, logProb: Math.fround(Math.log(p)) }))
}

function tokens(probabilities: readonly number[], topP: number): number[] {
  return warp(row(probabilities), { temperature: 1, topP, seed: 0 }).map(({ next }) => next.token)
}

describe('warp', () => {
  it('keeps the smallest set of tokens that holds topP', () => {
    expect(tokens([0.5, 0.3, 0.15, 0.05], 0.7)).toEqual([0, 1])
    expect(tokens([0.5, 0.3, 0.15, 0.05], 0.9)).toEqual([0, 1, 2])
    expect(tokens([0.5, 0.3, 0.15, 0.05], 1)).toEqual([0, 1, 2, 3])
  })

  it('always keeps the most probable token', () => {
    expect(tokens([0.5, 0.3, 0.2], 0)).toEqual([0])
  })

  it('shares out what is left', () => {
    const kept = warp(row([0.5, 0.3, 0.2]), { temperature: 1, topP: 0.7, seed: 0 })
    expect(kept.map(({ probability }) => probability)).toEqual([
      expect.closeTo(0.625),
      expect.closeTo(0.375),
    ])
  })

  it('sharpens below temperature 1 and flattens above', () => {
    const [sharp, flat, cold] = [0.5, 2, 0.001].map((temperature) => {
      return warp(row([0.6, 0.4]), { temperature, topP: 1, seed: 0 })[0]?.probability
    })
    expect(sharp).toBeCloseTo(0.36 / (0.36 + 0.16), 6)
    expect(flat).toBeCloseTo(Math.sqrt(0.6) / (Math.sqrt(0.6) + Math.sqrt(0.4)), 6)
    expect(cold).toBeCloseTo(1, 12)
  })

  it('keeps 50 tokens, and those exactly as probable as the 50th', () => {
    const falling = Array.from({ length: WARPED_TOKENS }, (_, i) => 1 / (i + 60))
    expect(tokens(falling, 1)).toHaveLength(TOP_K)
    const tied = falling.map((p, i) => (i >= 48 && i < 54 ? 1 / 108 : p))
    expect(tokens(tied, 1)).toHaveLength(54)
  })

  it('never keeps a banned token', () => {
    const banned = [...row([0.9, 0.1]), { token: 2, logProb: -Infinity }]
    const kept = warp(banned, { temperature: 5, topP: 1, seed: 0 })
    expect(kept.map(({ next }) => next.token)).toEqual([0, 1])
  })

  it('says so when every token is banned', () => {
    const banned = [{ token: 0, logProb: -Infinity }]
    expect(() => warp(banned, { temperature: 1, topP: 1, seed: 0 })).toThrow(/every token/u)
  })
})
