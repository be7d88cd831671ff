import { describe, expect, it } from 'vitest'
import type { TaskData } from '../task-data.ts'
import type { AnswerGrammar } from '../tasks.ts'
import { parseAnswer } from './parse-answer.ts'

/** A picture on which bin n lies at n + 0.5 pixels. */
const picture = { width: 1000, height: 1000 }

function parse(grammar: AnswerGrammar, answer: string): TaskData {
  return parseAnswer(grammar, answer, picture)
}

function locations(...bins: readonly number[]): string {
  return bins.map((bin) => `<loc_${bin}>`).join('')
}

const BOX = locations(10, 20, 30, 40)
const QUAD = locations(10, 20, 30, 20, 30, 40, 10, 40)

const box = [10.5, 20.5, 30.5, 40.5]
const quad = [10.5, 20.5, 30.5, 20.5, 30.5, 40.5, 10.5, 40.5]

describe('plain text', () => {
  it.each([
    ['</s><s>A  green\ncar.</s>', 'A green car.'],
    ['</s><s><s><s>car<loc_52><loc_332><loc_932><loc_774></s>', 'car'],
    ['<s>a<pad></s><pad>', 'a'],
  ])('is %j without control tokens', (answer, text) => {
    expect(parse('text', answer)).toEqual({ kind: 'text', text })
  })

  it('keeps its lines when the task has lines', () => {
    expect(parseAnswer('text', '</s><s>ONE\nTWO</s>', picture, { layout: 'lines' })).toEqual({
      kind: 'text',
      text: 'ONE\nTWO',
    })
  })
})

describe('boxes', () => {
  it('have the label before them', () => {
    expect(parse('boxes', `</s><s>car${BOX}door handle${BOX}${BOX}</s>`)).toEqual({
      kind: 'boxes',
      boxes: [
        { label: 'car', box },
        { label: 'door handle', box },
        { label: 'door handle', box },
      ],
    })
  })

  it.each([
    ['letters outside ASCII', `café 中${BOX}`, 'café 中'],
    ['a line break', `two\nlines\n${BOX}`, 'two lines'],
    ['an angle bracket', `a<b>c${BOX}`, 'a<b>c'],
    ['the rest of a broken item before it', `dog${locations(1, 2, 3)}car${BOX}`, 'car'],
    ['a stray location before it', `<loc_5>car${BOX}`, 'car'],
    ['other control tokens around it', `<od>car</od>${BOX}`, 'car'],
    ['what only looks like a location', `<loc_1000>${BOX}`, '<loc_1000>'],
  ])('keep a label with %s whole', (_name, answer, label) => {
    expect(parse('boxes', answer)).toEqual({ kind: 'boxes', boxes: [{ label, box }] })
  })

  it('leave out locations that make no whole box', () => {
    expect(parse('boxes', `car${BOX}${locations(1, 2, 3)}`)).toMatchObject({ boxes: [{ box }] })
    expect(parse('boxes', `car${locations(1, 2, 3)}</s>`)).toEqual({ kind: 'boxes', boxes: [] })
  })

  it('leave out boxes without a label, and labels without a box', () => {
    expect(parse('boxes', `${BOX}car`)).toEqual({ kind: 'boxes', boxes: [] })
  })

  it('have their corners in order and an area', () => {
    const turned = locations(30, 40, 10, 20)
    const line = locations(10, 20, 10, 40)
    expect(parse('boxes', `car${turned}${line}`)).toEqual({
      kind: 'boxes',
      boxes: [{ label: 'car', box }],
    })
  })

  it('lie on fractions of pixels', () => {
    expect(
      parseAnswer('boxes', `car${locations(52, 332, 932, 774)}`, { width: 640, height: 480 }),
    ).toMatchObject({
      boxes: [
        { box: [33.599998474121094, 159.59999084472656, 596.7999877929688, 371.7599792480469] },
      ],
    })
  })
})

describe('grounding', () => {
  it('leaves out phrases that point at nothing, also at the start of a sentence', () => {
    const answer = ['The image', 'the image', 'It', 'I', 'a car', 'US'].map((label) => label + BOX)
    expect(parse('grounding', answer.join(''))).toEqual({
      kind: 'boxes',
      boxes: [
        { label: 'a car', box },
        { label: 'US', box },
      ],
    })
  })
})

describe('proposals', () => {
  it('are boxes without a label', () => {
    expect(parse('proposals', `</s><s>${BOX}${BOX}</s>`)).toEqual({
      kind: 'boxes',
      boxes: [
        { label: '', box },
        { label: '', box },
      ],
    })
  })
})

describe('quads', () => {
  it('have clean labels, the first one too', () => {
    expect(parse('quads', `</s><s>CUDA${QUAD}FOR ENGINEERS${QUAD}</s>`)).toEqual({
      kind: 'quads',
      quads: [
        { label: 'CUDA', quad },
        { label: 'FOR ENGINEERS', quad },
      ],
    })
  })

  it('do not glue left-over locations onto the next label', () => {
    expect(parse('quads', `A${QUAD}${locations(1, 2, 3)}B${QUAD}`)).toMatchObject({
      quads: [{ label: 'A' }, { label: 'B' }],
    })
    expect(parse('quads', `A${locations(1, 2, 3)}B${QUAD}`)).toMatchObject({
      quads: [{ label: 'B' }],
    })
  })

  it('keep text before a line break, and take none for a label between locations', () => {
    expect(parse('quads', `ONE\nTWO${QUAD}\nTHREE${QUAD}\n`)).toMatchObject({
      quads: [{ label: 'ONE TWO' }, { label: 'THREE' }],
    })
  })

  it('can be dropped when they are small', () => {
    const answer = `A${QUAD}B${locations(0, 0, 999, 0, 999, 999, 0, 999)}`
    expect(parseAnswer('quads', answer, picture, { ocrAreaThreshold: 0.01 })).toMatchObject({
      quads: [{ label: 'B' }],
    })
  })

  it('measure the area with all four edges', () => {
    const answer = `A${locations(999, 0, 0, 0, 0, 999, 999, 999)}`
    for (const [mode, found] of [
      ['fixed', 1],
      ['reference', 0],
    ] as const) {
      const data = parseAnswer('quads', `</s><s>${answer}`, picture, {
        mode,
        ocrAreaThreshold: 0.9,
      })
      expect(data).toMatchObject({ quads: { length: found } })
    }
  })
})

describe('polygons', () => {
  const triangle = locations(1, 2, 3, 4, 5, 6)
  const points = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]

  it('are outlines between separators', () => {
    expect(parse('polygons', `</s><s>${triangle}<sep>${triangle}</s>`)).toEqual({
      kind: 'polygons',
      polygons: [{ label: '', outlines: [points, points] }],
    })
  })

  it('are one instance for each pair of marks', () => {
    expect(parse('polygons', `car<poly>${triangle}</poly><poly>${triangle}</poly>`)).toEqual({
      kind: 'polygons',
      polygons: [
        { label: 'car', outlines: [points] },
        { label: 'car', outlines: [points] },
      ],
    })
  })

  it('may end without a mark when the answer was cut', () => {
    expect(parse('polygons', `<poly>${triangle}</poly><poly>${triangle}<loc_7>`)).toEqual({
      kind: 'polygons',
      polygons: [
        { label: '', outlines: [points] },
        { label: '', outlines: [points] },
      ],
    })
  })

  it('have at least three corners', () => {
    expect(parse('polygons', `${locations(1, 2, 3, 4, 5)}<sep>${triangle}`)).toEqual({
      kind: 'polygons',
      polygons: [{ label: '', outlines: [points] }],
    })
    expect(parse('polygons', locations(1, 2, 3, 4))).toEqual({ kind: 'polygons', polygons: [] })
  })
})

describe('boxes or polygons', () => {
  it('may stand in one answer', () => {
    const triangle = locations(1, 2, 3, 4, 5, 6)
    expect(parse('boxes_or_polygons', `car${BOX}tree<poly>${triangle}</poly>dog${BOX}`)).toEqual({
      kind: 'boxes_or_polygons',
      boxes: [
        { label: 'car', box },
        { label: 'dog', box },
      ],
      polygons: [{ label: 'tree', outlines: [[1.5, 2.5, 3.5, 4.5, 5.5, 6.5]] }],
    })
  })
})
