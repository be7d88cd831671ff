import { describe, expect, it } from 'vitest'
import { renderAnswer } from './render-answer.ts'
import type { TaskData } from './task-data.ts'
import { TASKS, TASK_IDS } from './tasks.ts'

const triangle = [1.4, 2.6, 3, 4, 5, 6]

describe('renderAnswer', () => {
  it('writes boxes as lines of label and whole pixels', () => {
    const boxes = [
      { label: 'car', box: [33.6, 159.6, 596.8, 371.76] },
      { label: 'door\n handle', box: [0.3, 0.5, 10.5, 20] },
      { label: '', box: [1, 2, 3, 4] },
    ] as const
    expect(renderAnswer(TASKS.od, { kind: 'boxes', boxes })).toBe(
      'car: 34, 160, 597, 372\ndoor handle: 0, 1, 11, 20\n1, 2, 3, 4',
    )
  })

  it('writes quads as their text in reading order', () => {
    const quads = [
      { label: 'TWO', quad: [0, 50, 10, 50, 10, 60, 0, 60] },
      { label: ' ONE ', quad: [0, 0, 10, 0, 10, 10, 0, 10] },
    ]
    expect(renderAnswer(TASKS.ocr_with_region, { kind: 'quads', quads })).toBe('ONE\nTWO')
  })

  it('writes polygons as points, outlines divided by semicolons', () => {
    const polygons = [
      { label: '', outlines: [triangle] },
      { label: 'car', outlines: [triangle, triangle] },
    ]
    expect(renderAnswer(TASKS.region_to_segmentation, { kind: 'polygons', polygons })).toBe(
      '1,3 3,4 5,6\ncar: 1,3 3,4 5,6; 1,3 3,4 5,6',
    )
  })

  it('writes boxes before polygons', () => {
    const data: TaskData = {
      kind: 'boxes_or_polygons',
      boxes: [{ label: 'car', box: [1, 2, 3, 4] }],
      polygons: [{ label: 'tree', outlines: [triangle] }],
    }
    expect(renderAnswer(TASKS.open_vocabulary_detection, data)).toBe(
      'car: 1, 2, 3, 4\ntree: 1,3 3,4 5,6',
    )
  })

  it('says a sentence when there is nothing, or that the answer is empty', () => {
    const empty: Record<TaskData['kind'], TaskData> = {
      text: { kind: 'text', text: ' ' },
      boxes: { kind: 'boxes', boxes: [] },
      quads: { kind: 'quads', quads: [] },
      polygons: { kind: 'polygons', polygons: [] },
      boxes_or_polygons: { kind: 'boxes_or_polygons', boxes: [], polygons: [] },
    }
    for (const id of TASK_IDS) {
      const render = () => renderAnswer(TASKS[id], empty[TASKS[id].answer])
      if (TASKS[id].nothing === undefined) {
        expect(render).toThrow(expect.objectContaining({ code: 'empty_answer' }))
      } else expect(render()).toMatch(/^No .*\.$/)
    }
  })
})
