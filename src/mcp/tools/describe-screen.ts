// describe_screen: text and things of a screenshot in reading order, from one look at it.
import { z } from 'zod'
import { boundsOf } from '../../caption/bounds.ts'
import { toReadingLines } from '../../caption/reading-order.ts'
import type { LabelledQuad } from '../../caption/task-data.ts'
import { Annotate, Base, Box, Image, Score } from '../fields.ts'
import { at, baseOf, foundIn, quadsOf, roundPixels, sayFound, scoreOf } from '../results.ts'
import { defineTool } from '../tool.ts'

const Element = z.object({
  kind: z.enum(['text', 'thing']),
  label: z.string().describe('The text as it is written, or what the thing is.'),
  box: Box,
  score: Score,
})

export const describeScreen = defineTool({
  name: 'describe_screen',
  title: 'Describe a screen',
  description:
    'Lists the text and the things on one screenshot, page or poster in reading order, each with its box in pixels. The model sees the picture at 768 x 768 pixels: crop a dense screen for small print.',
  input: z.strictObject({ image: Image, annotate: Annotate }),
  output: z.object({ elements: z.array(Element).describe('In reading order.'), ...Base }),
  async run({ image, annotate }, call) {
    const picture = await call.readPicture(image, 'image')
    const results = await call.ask(picture, [
      { task: 'ocr_with_region' },
      { task: 'dense_region_caption' },
    ])
    const [texts, things] = [at(results, 0), at(results, 1)]
    const elements = inReadingOrder([
      ...quadsOf(texts.data).map(({ label, quad, ...more }) => ({
        kind: 'text' as const,
        label,
        box: roundPixels(boundsOf(quad)),
        ...scoreOf(more),
      })),
      ...foundIn(things.data).map(({ label, box, ...more }) => ({
        kind: 'thing' as const,
        label,
        box,
        ...scoreOf(more),
      })),
    ])
    return {
      text:
        elements.length === 0
          ? 'Nothing was found on the screen.'
          : elements.map((each) => `${each.kind}: ${sayFound(each)}`).join('\n'),
      structured: { elements, ...baseOf(results) },
      preview: annotate
        ? await call.draw(picture, [things.data, texts.data], texts.picture)
        : undefined,
    }
  },
})

type ElementFields = z.input<typeof Element>

function inReadingOrder(elements: readonly ElementFields[]): ElementFields[] {
  const byQuad = new Map<LabelledQuad, ElementFields>(
    elements.map((each) => {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = each.box
      return [{ label: each.label, quad: [x1, y1, x2, y1, x2, y2, x1, y2] }, each] as const
    }),
  )
  return toReadingLines([...byQuad.keys()])
    .flat()
    .flatMap((quad) => byQuad.get(quad) ?? [])
}
