// FloCap's own field of an answer, `flocap`: what no dialect has a place for. Clients ignore it,
// programs find boxes, polygons and confidence in it.
import { z } from 'zod'
import type { ModelDescription } from '../../caption/ports.ts'
import type { TaskData } from '../../caption/task-data.ts'
import type { ChatAnswer } from './answer-chat.ts'
import type { DescribedPicture, Description } from './describe.ts'

const Pair = z.tuple([z.number(), z.number(), z.number(), z.number()])
const score = z
  .number()
  .exactOptional()
  .describe('Geometric mean of the probabilities of the tokens of label and locations, 0 to 1.')
const Boxes = z.array(z.object({ label: z.string(), box: Pair, score }))
const Polygons = z.array(
  z.object({ label: z.string(), outlines: z.array(z.array(z.number())), score }),
)

/** Pixels of the upright picture; x to the right, y down. */
export const Answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('boxes'), boxes: Boxes }),
  z.object({
    kind: z.literal('quads'),
    quads: z.array(z.object({ label: z.string(), quad: z.array(z.number()), score })),
  }),
  z.object({ kind: z.literal('polygons'), polygons: Polygons }),
  z.object({ kind: z.literal('boxes_or_polygons'), boxes: Boxes, polygons: Polygons }),
])

export const ImageAnswer = z.object({
  label: z.string().optional().describe('Its name among several pictures.'),
  task: z.string(),
  text: z.string(),
  data: Answer,
  confidence: z.number().describe('Geometric mean of the token probabilities, 0 to 1.'),
  finish_reason: z.enum(['stop', 'length', 'stop_text']),
  width: z.int().describe('Pixels of the upright picture.'),
  height: z.int(),
  timings_ms: z.object({
    picture: z.number(),
    vision: z.number(),
    prefill: z.number(),
    decode: z.number(),
  }),
})
export type ImageAnswer = Omit<z.infer<typeof ImageAnswer>, 'data'> & { readonly data: TaskData }

export const Extension = z.object({
  model: z.string(),
  demo: z.boolean().describe('True when the bundled miniature model answered.'),
  task: z
    .string()
    .nullable()
    .describe('The tasks that ran, with commas between; null when the request had no picture.'),
  images: z.array(ImageAnswer).describe('One for each picture and task.'),
  unanswered: z
    .array(z.string())
    .optional()
    .describe('Properties of the schema that nothing is known of.'),
  memory: z
    .array(z.string())
    .optional()
    .describe(
      'Fields of pictures that were not described: they belong to earlier turns or memory.',
    ),
})
export type Extension = Omit<z.infer<typeof Extension>, 'images'> & {
  readonly images: readonly ImageAnswer[]
}

/** Of an answer with or without a picture. */
export function renderAnswerExtension(
  { description, unanswered = [] }: ChatAnswer,
  model: ModelDescription,
): Extension {
  if (description !== undefined) return renderExtension(description, model)
  return {
    model: model.id,
    demo: model.demo,
    task: null,
    images: [],
    ...(unanswered.length === 0 ? {} : { unanswered: [...unanswered] }),
  }
}

export function renderExtension(description: Description, model: ModelDescription): Extension {
  const { unanswered, memory = [] } = description
  return {
    model: model.id,
    demo: model.demo,
    task: [...new Set(description.results.map(({ result }) => result.task))].join(', '),
    images: description.results.map((described) => renderImage(described)),
    ...(unanswered === undefined ? {} : { unanswered: [...unanswered] }),
    ...(memory.length === 0 ? {} : { memory: [...memory] }),
  }
}

function renderImage({ labels, result }: DescribedPicture): ImageAnswer {
  return {
    ...(labels.length === 0 ? {} : { label: labels.join(', ') }),
    task: result.task,
    text: result.text,
    data: result.data,
    confidence: result.confidence,
    finish_reason: result.finishReason,
    width: result.picture.width,
    height: result.picture.height,
    timings_ms: { ...result.timings },
  }
}
