import { describe, expect, it } from 'vitest'
import { DEFAULT_GENERATION, resolveGeneration } from '../../caption/generation.ts'
import { toGeneration } from './generation.ts'

describe('toGeneration', () => {
  it('asks for more beams where a client wants more answers than the model has', () => {
    expect(toGeneration({ answers: 2 })).toEqual({ numReturnSequences: 2 })
    expect(toGeneration({ answers: 4 })).toEqual({ numReturnSequences: 4, numBeams: 4 })
    expect(toGeneration({ answers: 4 }, 5)).toEqual({ numReturnSequences: 4 })
  })

  it.each([1, 2, 3, 5, 8])('can be searched with a model of %i beams, for any n', (numBeams) => {
    const ofModel = resolveGeneration(DEFAULT_GENERATION, { numBeams })
    for (let answers = 1; answers <= 8; answers += 1) {
      const resolved = resolveGeneration(ofModel, toGeneration({ answers }, numBeams))
      expect(resolved.numReturnSequences).toBe(answers)
      expect(resolved.numBeams).toBe(Math.max(numBeams, answers))
    }
  })
})
