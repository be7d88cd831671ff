import { describe, expect, it } from 'vitest'
import { readProblem, toProblem } from './problem.ts'

describe('problems', () => {
  it('of what is no answer of FloCap name the status', () => {
    expect(readProblem('<html>', 502)).toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining('502'),
      retry: true,
    })
  })

  it('tell a server that is gone from an answer that makes no sense', () => {
    expect(toProblem(new TypeError('Failed to fetch')).code).toBe('unreachable')
    expect(toProblem(new SyntaxError('Unexpected token')).code).toBe('unreadable')
  })
})
