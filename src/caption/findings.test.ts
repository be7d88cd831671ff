import { describe, expect, it } from 'vitest'
import { toFindings } from './findings.ts'
import { renderOverlay } from './overlay.ts'
import type { TaskData } from './task-data.ts'

const mixed: TaskData = {
  kind: 'boxes_or_polygons',
  boxes: [{ label: 'car', box: [1, 2, 3, 4] }],
  polygons: [{ label: '', outlines: [[5, 6, 7, 8, 9, 1]] }],
}

describe('toFindings', () => {
  it('lists boxes by their corners, clockwise from the upper left, then masks', () => {
    expect(toFindings(mixed)).toEqual([
      { label: 'car', outlines: [[1, 2, 3, 2, 3, 4, 1, 4]], form: 'frame' },
      { label: '', outlines: [[5, 6, 7, 8, 9, 1]], form: 'mask' },
    ])
  })

  it('finds nothing in plain text', () => {
    expect(toFindings({ kind: 'text', text: 'A car.' })).toEqual([])
  })

  it('numbers findings as the drawing does', () => {
    const svg = renderOverlay(mixed, { width: 10, height: 10 })
    expect(svg).toMatch(/<path data-finding="0" d="M1 2L/)
    expect(svg).toMatch(/<path data-finding="1" d="M5 6L/)
    expect(svg).toMatch(/<text data-finding="0"[^>]*>car</)
  })
})
