import { describe, expect, it } from 'vitest'
import { linkPhrases } from './phrases.ts'

const link = (caption: string, ...labels: readonly string[]) =>
  linkPhrases(caption, labels).map(({ text, findings }) =>
    findings.length === 0 ? text : [text, ...findings],
  )

describe('linkPhrases', () => {
  it('cuts a caption at its phrases, in whatever case, all findings of one name together', () => {
    expect(link('A green car before a door.', 'a green car', 'a door', 'A green car')).toEqual([
      ['A green car', 0, 2],
      ' before ',
      ['a door', 1],
      '.',
    ])
  })

  it('takes whole words and the longest phrase', () => {
    expect(link('carpet, car door', 'car', 'car door')).toEqual(['carpet, ', ['car door', 1]])
  })

  it('marks nothing for what does not occur, and no empty name', () => {
    expect(link('A car.', 'tree', '')).toEqual(['A car.'])
  })
})
