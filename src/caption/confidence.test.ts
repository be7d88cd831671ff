import { describe, expect, it } from 'vitest'
import { toConfidence } from './confidence.ts'
import type { FinishReason } from './ports.ts'

function confidence(logProbs: readonly number[], finishReason: FinishReason = 'stop'): number {
  return toConfidence({ logProbs, finishReason })
}

describe('toConfidence', () => {
  it('is the geometric mean of the probabilities of chosen tokens', () => {
    expect(confidence([0, Math.log(0.5), Math.log(0.125)])).toBeCloseTo(0.25, 12)
  })

  it('leaves out every forced token at the start', () => {
    expect(confidence([0, 0, 0, Math.log(0.5)])).toBeCloseTo(0.5, 12)
  })

  it('leaves out the forced end of an answer that was cut', () => {
    expect(confidence([0, Math.log(0.5), 0], 'length')).toBeCloseTo(0.5, 12)
  })

  it('counts a token in the middle that was certain', () => {
    expect(confidence([0, Math.log(0.25), 0])).toBeCloseTo(0.5, 12)
  })

  it('is 0 when the model chose nothing', () => {
    expect([confidence([]), confidence([0]), confidence([0, 0], 'length')]).toEqual([0, 0, 0])
  })
})
