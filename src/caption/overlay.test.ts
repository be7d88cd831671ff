import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '../../test/support/any-text.ts'
import { renderOverlay } from './overlay.ts'
import type { TaskData } from './task-data.ts'

const picture = { width: 640, height: 480 }

function boxes(...labels: readonly string[]): TaskData {
  return { kind: 'boxes', boxes: labels.map((label) => ({ label, box: [10.123, 20, 110, 220] })) }
}

/** What every XML parser must accept, as far as the overlay can get it wrong. */
function expectWellFormed(svg: string): void {
  expect(svg).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/)
  // oxlint-disable-next-line no-control-regex -- they must not be there
  expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u)
  const open: string[] = []
  for (const [, closing, name, , empty] of svg.matchAll(
    /<(\/?)(\w+)((?:\s[\w-]+="[^"<]*")*)(\/?)>|<|>/g,
  )) {
    if (name === undefined) throw new Error('A bracket stands alone.')
    if (!closing && !empty) open.push(name)
    if (closing && open.pop() !== name) throw new Error(`</${name}> closes nothing.`)
  }
  expect(open).toEqual([])
}

describe('renderOverlay', () => {
  it('draws a box with its label, in pixels of the picture', () => {
    expect(renderOverlay(boxes('car'), picture)).toBe(
      [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480" width="640" height="480" font-family="sans-serif" font-size="14.4">',
        '<path class="rim" data-finding="0" d="M10.12 20L110 20L110 220L10.12 220Z" fill="none" stroke="#fff" stroke-width="3.84"/>' +
          '<path data-finding="0" d="M10.12 20L110 20L110 220L10.12 220Z" fill="none" stroke="hsl(0, 90%, 45%)" stroke-width="1.92"/>',
        '<text data-finding="0" x="10.12" y="15.68" fill="#fff" stroke="#000" stroke-width="1.92" stroke-linejoin="round" paint-order="stroke">car</text>',
        '</svg>',
      ].join('\n'),
    )
  })

  it('gives things of one name one colour, and others another', () => {
    const colours = [
      ...renderOverlay(boxes('car', 'dog', 'car', 'cat'), picture).matchAll(
        / stroke="(hsl[^"]*)"/g,
      ),
    ].map(([, colour]) => colour)
    expect(colours[0]).toBe(colours[2])
    expect(new Set(colours).size).toBe(3)
  })

  it('draws several tasks one over the other, each as if it were alone', () => {
    const shapesOf = (svg: string): readonly string[] => svg.split('\n').slice(1, -1)
    const [one, other] = [boxes('car', 'dog'), boxes('dog')]
    expect(shapesOf(renderOverlay([one, other], picture))).toEqual([
      ...shapesOf(renderOverlay(one, picture)),
      ...shapesOf(renderOverlay(other, picture)),
    ])
    expect(shapesOf(renderOverlay([], picture))).toEqual([])
  })

  it('grows with the picture', () => {
    const large = renderOverlay(boxes('car'), { width: 6400, height: 4800 })
    expect(large).toContain('font-size="144"')
    expect(large).toContain('stroke-width="19.2"')
  })

  it('puts a label inside when there is no room above', () => {
    const data: TaskData = { kind: 'boxes', boxes: [{ label: 'car', box: [0, 0, 10, 10] }] }
    expect(renderOverlay(data, picture)).toContain('<text data-finding="0" x="0" y="14.4"')
  })

  it('fills polygons and draws all their outlines as one shape', () => {
    const triangle = [1, 2, 3, 4, 5, 6]
    const svg = renderOverlay(
      { kind: 'polygons', polygons: [{ label: '', outlines: [triangle, triangle] }] },
      picture,
    )
    expect(svg).toContain('d="M1 2L3 4L5 6ZM1 2L3 4L5 6Z"')
    expect(svg).toContain('fill-opacity')
    expect(svg).not.toContain('<text')
  })

  it('draws quads and mixed answers', () => {
    const quad = { label: 'STOP', quad: [1, 2, 3, 4, 5, 6, 7, 8] }
    expect(renderOverlay({ kind: 'quads', quads: [quad] }, picture)).toContain('M1 2L3 4L5 6L7 8Z')
    const mixed = renderOverlay(
      {
        kind: 'boxes_or_polygons',
        boxes: [{ label: 'a', box: [1, 2, 3, 4] }],
        polygons: [{ label: 'b', outlines: [[1, 2, 3, 4, 5, 6]] }],
      },
      picture,
    )
    expect(mixed.match(/<path data/g)).toHaveLength(2)
  })

  it('can carry the picture below', () => {
    const svg = renderOverlay(boxes('car'), picture, { pictureHref: 'data:image/png;base64,AA"A' })
    expect(svg.split('\n')[1]).toBe(
      '<image href="data:image/png;base64,AA&quot;A" width="640" height="480"/>',
    )
  })

  it('is empty for plain text', () => {
    expect(renderOverlay({ kind: 'text', text: 'A car.' }, picture)).not.toContain('<path')
  })

  it('shortens long labels', () => {
    expect(renderOverlay(boxes('x'.repeat(500)), picture)).toContain(`>${'x'.repeat(59)}…<`)
  })

  it('is well-formed whatever the labels are', () => {
    const label = fc.oneof(
      anyText(20),
      fc.constantFrom(
        '<script>alert(1)</script>',
        '"&\'',
        ']]>',
        '\u0000\u001b\ufffe',
        '\ud83d',
        '🙂'.repeat(40),
      ),
    )
    fc.assert(
      fc.property(fc.array(label), (labels) => {
        expect(() => expectWellFormed(renderOverlay(boxes(...labels), picture))).not.toThrow()
      }),
    )
  })
})
