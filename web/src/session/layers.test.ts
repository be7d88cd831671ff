import { describe, expect, it } from 'vitest'
import { boxesAnswer, given, picture, taskAnswer } from './test-support.ts'
import { keyOf } from './given-answers.ts'
import { isShown, layersOf } from './layers.ts'

const size = { width: 600, height: 400 }
const objects = given(boxesAnswer('car', 'tree', 'car'))
const caption = given(taskAnswer('A car.'))
const outline = given(
  taskAnswer('', {
    task: 'referring_expression_segmentation',
    data: { kind: 'polygons', polygons: [{ label: '', outlines: [[1, 2, 3, 4, 5, 6]] }] },
  }),
  { question: { task: 'referring_expression_segmentation', input: 'a monkey' } },
)

describe('layers over a picture', () => {
  it('are drawn of each answer that found something, no two in one colour', () => {
    const layers = layersOf([outline, caption, objects], size)
    expect(layers.map(({ key }) => key)).toEqual([keyOf(outline), keyOf(objects)])
    const [first, second] = layers.map(({ colours }) => new Set(colours))
    expect([first?.size, second?.size]).toEqual([1, 2])
    expect([...first!].some((colour) => second?.has(colour))).toBe(false)
  })

  it('keep their colours when another answer comes', () => {
    const [before] = layersOf([objects], size)
    expect(layersOf([outline, objects], size)[1]?.colours).toEqual(before?.colours)
  })

  it('name an outline by the phrase that was asked for', () => {
    const [layer] = layersOf([outline], size)
    expect(layer?.findings[0]?.label).toBe('a monkey')
    expect(layer?.svg).toContain('>a monkey</text>')
  })

  it('are those of the last request, until a person shows or hides one', () => {
    const asked = { questions: [objects.question], settings: {} }
    const seen = picture({ progress: { kind: 'answered', ...asked }, answers: [objects, outline] })
    const [new_, old] = [keyOf(objects), keyOf(outline)]
    expect([isShown(seen, new Map(), new_), isShown(seen, new Map(), old)]).toEqual([true, false])
    const switched = new Map([
      [new_, false],
      [old, true],
    ])
    expect([isShown(seen, switched, new_), isShown(seen, switched, old)]).toEqual([false, true])
  })
})
