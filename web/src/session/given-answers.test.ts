import { describe, expect, it } from 'vitest'
import { answered, given, taskAnswer } from './test-support.ts'
import { addAnswers, keyOf, textOf } from './given-answers.ts'

const asked = { questions: [{ task: 'caption' }], settings: {} }

describe('answers that a picture has', () => {
  const before = [
    given(taskAnswer('Old.'), { edited: 'Mine.' }),
    given(taskAnswer('Text.', { task: 'ocr' })),
  ]

  it('begin with the new ones; the same question has one answer', () => {
    const after = addAnswers(before, asked, answered(taskAnswer('New.')))
    expect(after.map(({ answer }) => answer.text)).toEqual(['New.', 'Text.'])
  })

  it('keep what a person wrote', () => {
    const [first] = addAnswers(before, asked, answered(taskAnswer('New.')))
    expect(textOf(first!)).toBe('Mine.')
  })

  it('of another model, other settings or another text stand beside', () => {
    for (const [changed, answer] of [
      [asked, { ...answered(taskAnswer('New.')), model: 'base' }],
      [{ ...asked, settings: { num_beams: 1 } }, answered(taskAnswer('New.'))],
      [{ questions: [{ task: 'caption', input: 'x' }], settings: {} }, answered(taskAnswer('N'))],
    ] as const) {
      expect(addAnswers(before, changed, answer)).toHaveLength(3)
    }
  })

  it('have one key however their settings are ordered', () => {
    const [a, b] = [
      { num_beams: 1, prefix: 'A' },
      { prefix: 'A', num_beams: 1 },
    ].map((settings) => keyOf(given(taskAnswer('x'), { settings })))
    expect(a).toBe(b)
  })
})
