import { describe, expect, it } from 'vitest'
import { compareAnswer, type FoundAnswer } from './compare.ts'
import type { PublishedAnswer } from './values.ts'

const published = (fields: Partial<PublishedAnswer>): PublishedAnswer => ({
  id: 'x',
  checkpoint: 'c',
  image: 'car.png',
  task: '<OD>',
  ...fields,
})
const found = (fields: Partial<FoundAnswer>): FoundAnswer => ({
  tokens: [],
  data: { kind: 'text', text: '' },
  picture: { width: 1000, height: 500 },
  ...fields,
})
const box = (label: string, ...coordinates: [number, number, number, number]): FoundAnswer =>
  found({ data: { kind: 'boxes', boxes: [{ label, box: coordinates }] } })

describe('compareAnswer', () => {
  it('compares ids where they are published', () => {
    const ids = published({ output_ids: [2, 0, 5, 2] })
    expect(compareAnswer(ids, found({ tokens: [0, 5, 2] })).kind).toBe('same')
    expect(compareAnswer(ids, found({ tokens: [0, 6, 2] }))).toEqual({
      kind: 'differs',
      remark: 'token 2 is 6 instead of 5',
    })
    expect(compareAnswer(ids, found({ tokens: [0, 5] })).kind).toBe('differs')
  })

  it('shows where a text begins to differ', () => {
    const text = published({ task: '<CAPTION>', output: { '<CAPTION>': 'A green car.' } })
    expect(compareAnswer(text, found({ data: { kind: 'text', text: 'A green car.' } })).kind).toBe(
      'same',
    )
    expect(
      compareAnswer(text, found({ data: { kind: 'text', text: 'A green bus.' } })).remark,
    ).toBe("after 8 characters: 'bus.', not 'car.'")
  })

  it('calls boxes near that are a bin or two away, and no further', () => {
    const boxes = published({ output: { '<OD>': { bboxes: [[10, 20, 30, 40]], labels: ['car'] } } })
    expect(compareAnswer(boxes, box('car', 10, 20, 30, 40)).kind).toBe('same')
    expect(compareAnswer(boxes, box('car', 11, 20, 30, 42)).kind).toBe('near')
    expect(compareAnswer(boxes, box('car', 10, 20, 30, 43)).kind).toBe('differs')
    expect(compareAnswer(boxes, box('dog', 10, 20, 30, 40)).remark).toBe('labels dog, not car')
    expect(compareAnswer(boxes, box('', 10, 20, 30, 40)).remark).toBe(
      'labels 1 without a name, not car',
    )
  })
})
