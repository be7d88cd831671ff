import { describe, expect, it } from 'vitest'
import type { Scores } from './evaluate.ts'
import { putIntoCard, renderScores } from './report.ts'

const scores: Scores = {
  pictures: 100,
  things: 90,
  recall: 0.96,
  precision: 0.97,
  background: 0.98,
  place: 0.91,
  relation: 0.5,
  detection: 0.9,
  grounding: 0.9,
  openVocabulary: 0.9,
  absent: 1,
  category: 0.99,
  regionOutline: 0.72,
  phraseOutline: 0.71,
  characterErrors: 0.05,
  regionCharacterErrors: 0.2,
  modesty: { noise: 1 },
  milliseconds: 41.4,
}

describe('renderScores', () => {
  const lines = renderScores(scores, 'auto').split('\n')

  it('says what was measured, and how', () => {
    expect(lines[0]).toBe(
      '100 pictures of 90 different things, precision `auto`, median of a plain caption 41 ms.',
    )
  })

  it('tells which targets were reached, whichever way is better', () => {
    expect(lines).toContain('| things named, recall | 0.960 | at least 0.95 | yes |')
    expect(lines).toContain('| relations (left, right, above, below) | 0.500 | at least 0.9 | no |')
    expect(lines).toContain('| reading, character error rate | 0.050 | at most 0.1 | yes |')
    expect(lines).toContain(
      '| reading of a region, character error rate | 0.200 | at most 0.1 | no |',
    )
  })

  it('leaves out what was not asked', () => {
    const kinds = lines.filter((line) => line.includes('unknown picture'))
    expect(kinds).toEqual([
      '| no thing named in an unknown picture: noise | 1.000 | at least 0.9 | yes |',
    ])
  })
})

describe('putIntoCard', () => {
  const card =
    'Before.\n<!-- results of npm run eval:bundled -->\nold\n<!-- end of results -->\nAfter.\n'

  it('replaces the results of the last time', () => {
    const once = putIntoCard(card, 'new')
    expect(once).toContain('new')
    expect(once).not.toContain('old')
    expect(putIntoCard(once, 'new')).toBe(once)
    expect(once.startsWith('Before.\n')).toBe(true)
    expect(once.endsWith('\nAfter.\n')).toBe(true)
  })

  it('says what the card lacks', () => {
    expect(() => putIntoCard('nothing', 'new')).toThrow('no place for results')
  })
})
