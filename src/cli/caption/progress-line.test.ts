import { describe, expect, it } from 'vitest'
import { renderProgress } from './progress-line.ts'

describe('renderProgress', () => {
  const progress = { done: 120, total: 812, captioned: 100, failed: 0, seconds: 40, said: '' }

  it('tells rate and time left by the pictures that were looked at', () => {
    expect(renderProgress({ ...progress, said: 'a dog' })).toBe(
      '120 of 812 · 2.5/s · 4 min 37 s left · a dog',
    )
    expect(renderProgress({ ...progress, captioned: 10, failed: 2 })).toBe(
      '120 of 812 · 15.0/min · 46 min 8 s left · 2 failed',
    )
    expect(renderProgress({ ...progress, captioned: 1 })).toContain('7 h 41 min left')
  })

  it('promises nothing before the first, and shows no escape sequence', () => {
    expect(renderProgress({ ...progress, captioned: 0, said: '\u001B[2J' })).toBe(
      '120 of 812 · \\x1b[2J',
    )
  })
})
