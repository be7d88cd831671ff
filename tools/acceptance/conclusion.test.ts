import { describe, expect, it } from 'vitest'
import { isAccepted, renderConclusion, summarise } from './conclusion.ts'
import type { Row } from './judge.ts'

const rows = (...kinds: readonly Row['verdict']['kind'][]): readonly Row[] =>
  kinds.map((kind, i) => ({ id: `${i}`, verdict: { kind, remark: '' } }))

describe('the end of an acceptance run', () => {
  it.each([
    [rows('same', 'near', 'answered'), true, 'Accepted: all 2 comparisons agree'],
    [rows('same', 'differs'), false, "look at the 1 that begin with 'differs'"],
    [rows('answered', 'skipped'), false, 'nothing could be compared'],
    [rows(), false, 'nothing could be compared'],
  ])('says whether it speaks for FloCap', (given, accepted, sentence) => {
    const summary = summarise(given)
    expect(isAccepted(summary)).toBe(accepted)
    expect(renderConclusion(summary)).toContain(sentence)
  })

  it('counts every kind, and says what is left to read or to find', () => {
    const text = renderConclusion(summarise(rows('same', 'answered', 'skipped', 'skipped')))
    expect(text).toMatch(/^1 same, 0 near, 0 differs, 1 answered, 2 skipped\n/)
    expect(text).toContain("Read the 1 that begin with 'answered'")
    expect(text).toContain('2 had no picture')
  })
})
