// describe_region: what is inside a box on a picture.
import { z } from 'zod'
import type { TaskId } from '../../caption/tasks.ts'
import { Base, Image } from '../fields.ts'
import { at, baseOf, foundIn, roundScore } from '../results.ts'
import { defineTool } from '../tool.ts'

const TASK_OF = {
  name: 'region_to_category',
  describe: 'region_to_description',
  read: 'region_to_ocr',
  outline: 'region_to_segmentation',
} as const satisfies Record<string, TaskId>

export const describeRegion = defineTool({
  name: 'describe_region',
  title: 'Look at a part of a picture',
  description:
    'Looks at one box on one picture: names the thing in it, describes it, reads its text, or outlines it.',
  input: z.strictObject({
    image: Image,
    box: z
      .array(z.number())
      .length(4)
      .describe('x1, y1, x2, y2: upper left corner first; x2 > x1 and y2 > y1.'),
    unit: z
      .enum(['pixel', 'fraction'])
      .default('pixel')
      .describe('Pixels of the upright picture, or fractions of its sides, 0 to 1.'),
    what: z.enum(['name', 'describe', 'read', 'outline']).default('describe'),
  }),
  output: z.object({
    text: z.string(),
    polygons: z
      .array(z.array(z.number()))
      .optional()
      .describe('With outline: each x and y in turn, in pixels.'),
    score: z.number().describe('How sure the model is, 0 to 1.'),
    ...Base,
  }),
  async run({ image, box: [x1 = 0, y1 = 0, x2 = 0, y2 = 0], unit, what }, call) {
    const picture = await call.readPicture(image, 'image')
    const results = await call.ask(picture, [
      { task: TASK_OF[what], region: { unit, box: [x1, y1, x2, y2] } },
    ])
    const { text: said, data, confidence } = at(results, 0)
    const polygons = foundIn(data).flatMap((each) => each.polygons ?? [])
    const text =
      what === 'outline' && polygons.length > 0
        ? `Outlined with ${polygons.flat().length / 2} points.`
        : said
    return {
      text,
      structured: {
        text,
        ...(what === 'outline' ? { polygons } : {}),
        score: roundScore(confidence),
        ...baseOf(results),
      },
    }
  },
})
