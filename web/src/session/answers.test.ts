import { describe, expect, it } from 'vitest'
import type { TaskAnswer } from '../server/wire.ts'
import { answerJson, drawingName, firstDrawn, listFindings, measureAnswer } from './answers.ts'

const text: TaskAnswer = {
  task: 'caption',
  text: 'A car.',
  data: { kind: 'text', text: 'A car.' },
  confidence: 0.934,
  finish_reason: 'stop',
  alternatives: [],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
  timings_ms: { picture: 10, vision: 300, prefill: 40, decode: 60 },
  cached: false,
}

const boxes: TaskAnswer = {
  ...text,
  task: 'od',
  data: { kind: 'boxes', boxes: [{ label: 'car', box: [33.6, 160, 597.4, 372] }] },
  overlay: { type: 'image/svg+xml', data: '<svg/>' },
}

describe('answers', () => {
  it('list what was found with the corners of its box', () => {
    expect(listFindings(boxes)).toEqual([{ label: 'car', place: '34, 160 to 597, 372' }])
    expect(listFindings(text)).toEqual([])
  })

  it('put a box around masks of several outlines', () => {
    const outlines = [
      [5, 6, 7, 8],
      [1, 9, 3, 2],
    ]
    const data: TaskAnswer['data'] = { kind: 'polygons', polygons: [{ label: '', outlines }] }
    expect(listFindings({ ...text, data })).toEqual([{ label: '', place: '1, 2 to 7, 9' }])
    expect(listFindings({ ...text, data }, 'a red car')[0]?.label).toBe('a red car')
  })

  it('say how sure a text is and how many things were found', () => {
    expect(measureAnswer(text, false)).toBe('very sure · 0.41 s')
    expect(measureAnswer({ ...text, confidence: 0.75 }, false)).toContain('fairly sure')
    expect(measureAnswer({ ...text, confidence: 0.4 }, false)).toContain('unsure')
    expect(measureAnswer(text, true)).toBe('demo model · 0.41 s')
    expect(measureAnswer(boxes, false)).toBe('1 found · 0.41 s')
    expect(
      measureAnswer({ ...boxes, data: { kind: 'boxes', boxes: [] }, cached: true }, false),
    ).toBe('nothing found · cached')
    expect(measureAnswer({ ...text, finish_reason: 'length' }, false)).toContain('cut')
  })

  it('are copied as JSON without their drawing', () => {
    expect(JSON.parse(answerJson(boxes))).toEqual({ ...boxes, overlay: undefined })
  })

  it('have the first drawing shown', () => {
    expect(firstDrawn([text, boxes, boxes])).toBe(1)
    expect(firstDrawn([text])).toBeUndefined()
  })

  it.each([
    ['holiday.jpg', 'holiday.od.png'],
    ['two.dots.jpg', 'two.dots.od.png'],
    ['.png', 'picture.od.png'],
  ])('of %s are saved as %s', (picture, file) => {
    expect(drawingName(picture, 'od')).toBe(file)
  })
})
