// caption_image: what pictures show, in a sentence or a paragraph.
import { z } from 'zod'
import { toFlocapError } from '../../base/errors.ts'
import type { TaskId } from '../../caption/tasks.ts'
import { Base, Image, MAX_BEGINNING_CHARACTERS, MAX_PICTURES } from '../fields.ts'
import { at, baseOf, roundScore } from '../results.ts'
import { defineTool, type ToolCall } from '../tool.ts'

const TASK_OF = {
  short: 'caption',
  normal: 'detailed_caption',
  long: 'more_detailed_caption',
} as const satisfies Record<string, TaskId>

const Captioned = z.object({
  image: z.int().describe('Index in images.'),
  caption: z.string(),
  confidence: z.number().describe('How sure the model is, 0 to 1.'),
  ...Base,
})

const Failed = z.object({
  image: z.int().describe('Index in images.'),
  error: z.object({ code: z.string(), message: z.string() }),
})

const Input = z.strictObject({
  images: z.array(Image).min(1).max(MAX_PICTURES),
  detail: z
    .enum(['short', 'normal', 'long'])
    .default('normal')
    .describe('One sentence, two or three, or a paragraph.'),
  start_with: z
    .string()
    .max(MAX_BEGINNING_CHARACTERS)
    .optional()
    .describe('Every caption begins with this text.'),
})

export const captionImage = defineTool({
  name: 'caption_image',
  title: 'Describe pictures',
  description: `Describes what pictures show, in English. Takes 1 to ${MAX_PICTURES} pictures; start_with has at most ${MAX_BEGINNING_CHARACTERS} characters. A picture that cannot be read has an error in its place.`,
  input: Input,
  output: z.object({ captions: z.array(z.union([Captioned, Failed])) }),
  async run(args, call) {
    const captions: z.input<typeof Captioned | typeof Failed>[] = []
    for (const image of args.images.keys()) captions.push(await captionOne(args, image, call))
    const one = captions.length === 1
    return {
      text: captions
        .map((each) => {
          const text = 'error' in each ? `Failed: ${each.error.message}` : each.caption
          return one ? text : `${each.image + 1}. ${text}`
        })
        .join('\n'),
      structured: { captions },
      failed: captions.every((each) => 'error' in each),
    }
  },
})

/** One picture's failure is its own; a cancelled call ends as a whole. */
async function captionOne(
  { images, detail, start_with: prefix }: z.output<typeof Input>,
  image: number,
  call: ToolCall,
): Promise<z.input<typeof Captioned | typeof Failed>> {
  const label = images.length > 1 ? `Picture ${image + 1} of ${images.length}` : undefined
  try {
    const picture = await call.readPicture(images[image] ?? '', `images[${image}]`)
    const task = {
      task: TASK_OF[detail],
      ...(prefix === undefined ? {} : { generation: { prefix } }),
    }
    const results = await call.ask(picture, [task], label)
    const { text, confidence } = at(results, 0)
    return { image, caption: text, confidence: roundScore(confidence), ...baseOf(results) }
  } catch (error) {
    const { code, message, hint } = toFlocapError(error)
    if (code === 'cancelled' || code === 'internal_error') throw error
    return { image, error: { code, message: hint === undefined ? message : `${message} ${hint}` } }
  }
}
