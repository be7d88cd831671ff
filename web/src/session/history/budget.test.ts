import { describe, expect, it } from 'vitest'
import { overBudget } from './budget.ts'

describe('the budget of the history', () => {
  it('lets the oldest go', () => {
    const kept = [1, 2, 3].map((id) => ({ id, bytes: 40 }))
    expect(overBudget(kept, 120)).toEqual([])
    expect(overBudget(kept, 100)).toEqual([1])
    expect(overBudget(kept, 50)).toEqual([2, 1])
  })

  it('lets no picture push out others that cannot be kept itself', () => {
    const kept = [
      { id: 1, bytes: 40 },
      { id: 2, bytes: 500 },
    ]
    expect(overBudget(kept, 100)).toEqual([2])
  })
})
