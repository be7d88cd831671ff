import { describe, expect, it } from 'vitest'
import { boxesAnswer, given, taskAnswer } from './test-support.ts'
import { answerJson, drawingName, hasFound, measureAnswer, placeOf, titleOf } from './answers.ts'

const text = taskAnswer('A car.')
const measure = (changes: Parameters<typeof taskAnswer>[1], demo = false): string =>
  measureAnswer(given(taskAnswer('A car.', changes), { demo }))

describe('answers', () => {
  it('say where something is by the corners of its box, around all outlines of a mask', () => {
    expect(placeOf({ outlines: [[33.6, 160, 597.4, 160, 597.4, 372, 33.6, 372]] })).toBe(
      '34, 160 to 597, 372',
    )
    const outlines = [
      [5, 6, 7, 8],
      [1, 9, 3, 2],
    ]
    expect(placeOf({ outlines })).toBe('1, 2 to 7, 9')
    expect(placeOf({ outlines: [] })).toBe('')
  })

  it('know whether anything was found', () => {
    expect(hasFound(text)).toBe(true)
    expect(hasFound(boxesAnswer('car'))).toBe(true)
    expect(hasFound(boxesAnswer())).toBe(false)
  })

  it('say how sure a text is and how many things were found', () => {
    expect(measure({})).toBe('very sure · 0.41 s')
    expect(measure({ confidence: 0.75 })).toContain('fairly sure')
    expect(measure({ confidence: 0.4 })).toContain('unsure')
    expect(measure({}, true)).toBe('demo model · 0.41 s')
    expect(measureAnswer(given(boxesAnswer('car')))).toBe('1 found · 0.41 s')
    expect(measureAnswer(given({ ...boxesAnswer(), cached: true }))).toBe('nothing found · cached')
    expect(measure({ finish_reason: 'length' })).toContain('cut')
    expect(measureAnswer(given(text, { edited: 'A red car.' }))).toContain('edited')
  })

  it('are copied as JSON without their drawing, with both texts where one was corrected', () => {
    const overlay = { type: 'image/svg+xml', data: '<svg/>' } as const
    expect(JSON.parse(answerJson(given({ ...text, overlay })))).toEqual(text)
    expect(JSON.parse(answerJson(given(text, { edited: 'A red car.' })))).toMatchObject({
      text: 'A red car.',
      model_text: 'A car.',
    })
  })

  it('have the title of their task, with what it was asked about', () => {
    expect(titleOf([], { task: 'od' })).toBe('od')
    expect(titleOf([], { task: 'find', input: 'a car' })).toBe('find: “a car”')
    expect(titleOf([], { task: 'region', region: [1, 2, 3, 4] })).toBe('region: 1, 2, 3, 4')
  })

  it.each([
    ['holiday.jpg', 'holiday.od.png'],
    ['two.dots.jpg', 'two.dots.od.png'],
    ['.png', 'picture.od.png'],
  ])('of %s are saved as %s', (picture, file) => {
    expect(drawingName(picture, 'od')).toBe(file)
  })
})
