// FloCap's own API. Unlike the dialects it is strict: an unknown field is a mistake.
import { z } from 'zod'
import {
  MAX_BEAMS,
  MAX_LENGTH_PENALTY,
  MAX_NEW_TOKENS,
  MAX_NGRAM,
  MAX_PREFIX_CHARACTERS,
  MAX_STOP_CHARACTERS,
  MAX_STOP_TEXTS,
  MAX_TEMPERATURE,
} from '../../../caption/generation.ts'
import { CAPTION_LENGTHS } from '../../../caption/rules/length.ts'
import { PRIORITIES } from '../../../caption/priority.ts'
import { TASK_GROUPS } from '../../../caption/tasks.ts'
import { Answer } from '../../chat/extension.ts'
import type { TaskData } from '../../../caption/task-data.ts'

const RegionBox = z
  .array(z.number())
  .length(4)
  .describe('x1, y1, x2, y2; upper left corner first, x to the right, y down.')

const RegionUnit = z
  .enum(['pixel', 'fraction', 'bin'])
  .describe('Pixels of the upright picture, fractions of its sides, or bins 0 to 999.')

const TaskFields = {
  input: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe('The text of a task that takes one; a list where it looks for several phrases.'),
  region: z
    .union([RegionBox, z.array(RegionBox).min(1)])
    .optional()
    .describe('One region, or a list of them: each is answered by itself.'),
  region_unit: RegionUnit.optional(),
}

const ImageFields = z.strictObject({
  data: z.string().describe('The picture file as base64 or as a data URL.'),
  name: z.string().optional().describe('Comes back in the answer.'),
})

const Image = z.union([z.string(), ImageFields])

/** Names and meanings are those of `generate()` of Hugging Face. */
const GenerationFields = {
  num_beams: z.int().min(1).max(MAX_BEAMS).optional(),
  max_new_tokens: z.int().min(1).max(MAX_NEW_TOKENS).optional(),
  early_stopping: z.union([z.boolean(), z.literal('never')]).optional(),
  length_penalty: z.number().min(-MAX_LENGTH_PENALTY).max(MAX_LENGTH_PENALTY).optional(),
  no_repeat_ngram_size: z.int().min(0).max(MAX_NGRAM).optional(),
  num_return_sequences: z.int().min(1).max(MAX_BEAMS).optional(),
  stopping_rule: z.enum(['classic', 'vectorised']).optional(),
  prefix: z
    .string()
    .max(MAX_PREFIX_CHARACTERS)
    .optional()
    .describe('The answer begins with this text.'),
  stop: z
    .array(z.string().min(1).max(MAX_STOP_CHARACTERS))
    .max(MAX_STOP_TEXTS)
    .optional()
    .describe('The answer ends before the first of these.'),
  temperature: z
    .number()
    .gt(0)
    .max(MAX_TEMPERATURE)
    .optional()
    .describe('Samples instead of searching for the best answer.'),
  top_p: z.number().gt(0).max(1).optional(),
  seed: z.int().min(0).optional(),
}

const MAX_RULES = 32
const MAX_RULE_CHARACTERS = 200

const Replacements = z
  .array(
    z.strictObject({
      from: z.string().min(1).max(MAX_RULE_CHARACTERS),
      to: z.string().max(MAX_RULE_CHARACTERS),
    }),
  )
  .max(MAX_RULES)

/** Those of `flocap caption`, in the order in which they are applied. */
const TextRuleFields = z.strictObject({
  strip_openings: z.boolean().optional().describe("Take away 'The image shows' and the like."),
  replace: Replacements.optional().describe('Texts as written, one after the other.'),
  replace_regex: Replacements.optional().describe("The same with RE2's regular expressions; $1."),
  length: z
    .enum(CAPTION_LENGTHS)
    .optional()
    .describe('short: a sentence; normal: 300 characters; long: all; alt: 125 characters.'),
  prefix: z.string().max(MAX_RULE_CHARACTERS).optional().describe('Text in front.'),
  suffix: z.string().max(MAX_RULE_CHARACTERS).optional().describe('Text behind.'),
  trigger: z
    .string()
    .min(1)
    .max(MAX_RULE_CHARACTERS)
    .optional()
    .describe('Word that a model is trained on: first, once, with a comma.'),
  escape: z.enum(['kohya']).optional().describe('Escape what the tool would read as a command.'),
  tags: z.boolean().optional().describe('Captions are lists of tags: each once, with commas.'),
})
export type TextRuleFields = z.infer<typeof TextRuleFields>

export const NativeRequest = z.strictObject({
  image: Image.optional().describe('The picture file as base64 or as a data URL.'),
  images: z.array(Image).optional().describe('Several pictures.'),
  task: z.string().optional().describe('Id, token or friendly name; several with commas between.'),
  ...TaskFields,
  tasks: z
    .array(z.union([z.string(), z.strictObject({ task: z.string(), ...TaskFields })]))
    .optional()
    .describe('Several tasks, each with its own text or region.'),
  overlay: z.enum(['svg', 'png']).optional().describe('Draw the findings.'),
  text_rules: TextRuleFields.optional().describe("What becomes of each text as 'caption'."),
  stream: z.boolean().optional().describe('Answer with server-sent events.'),
  apply_orientation: z
    .boolean()
    .optional()
    .describe('Turn the picture upright as its EXIF data says; true when left out.'),
  background: z
    .string()
    .optional()
    .describe(
      'What shows where the picture is transparent: white, black, checker, #rrggbb or reference.',
    ),
  priority: z
    .enum(PRIORITIES)
    .optional()
    .describe('bulk: no person waits for the answer, so that it comes after those they wait for.'),
  ...GenerationFields,
})
export type NativeRequest = z.infer<typeof NativeRequest>

export const DrawRequest = z.strictObject({
  image: Image.describe('The picture file as base64 or as a data URL.'),
  width: z
    .int()
    .min(1)
    .optional()
    .describe('Of the picture as it was answered about, in pixels; required with answers.'),
  height: z.int().min(1).optional(),
  answers: z
    .array(z.looseObject({ data: Answer }))
    .min(1)
    .optional()
    .describe(
      'As /api/v1/caption gave them; they are drawn one over the other. Without them the picture is given as FloCap sees it.',
    ),
  format: z
    .enum(['png', 'svg', 'preview'])
    .optional()
    .describe('png when left out; preview is a JPEG of at most 1024 pixels.'),
  apply_orientation: NativeRequest.shape.apply_orientation,
  background: NativeRequest.shape.background,
})
export type DrawRequest = z.infer<typeof DrawRequest>

const Overlay = z.object({
  type: z.enum(['image/svg+xml', 'image/png']),
  data: z.string().describe('SVG as text, PNG as base64.'),
})
export type Overlay = z.infer<typeof Overlay>

const Alternative = z.object({
  text: z.string(),
  data: Answer,
  confidence: z.number(),
  finish_reason: z.enum(['stop', 'length', 'stop_text']),
})

const TaskAnswer = z.object({
  task: z.string(),
  ...Alternative.shape,
  alternatives: z.array(Alternative).describe('All answers when several were asked for.'),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int() }),
  timings_ms: z.object({
    picture: z.number(),
    vision: z.number(),
    prefill: z.number(),
    decode: z.number(),
  }),
  caption: z
    .string()
    .nullable()
    .optional()
    .describe('With text_rules: what they leave, on one line; null where nothing was said.'),
  cached: z.boolean().describe('The answer was known already and nothing ran.'),
  overlay: Overlay.optional(),
})

const ImageAnswers = z.object({
  name: z.string().optional(),
  width: z.int().describe('Pixels of the upright picture.'),
  height: z.int(),
  answers: z.array(TaskAnswer).describe('One for each task, in their order.'),
})

export const NativeResponse = z.object({
  model: z.string(),
  demo: z.boolean().describe('True when the bundled miniature model answered.'),
  images: z.array(ImageAnswers).describe('One for each picture, in their order.'),
})

type WithData<Shape> = Omit<Shape, 'data' | 'alternatives'> & { readonly data: TaskData }
export type AlternativeBody = WithData<z.infer<typeof Alternative>>
export type TaskAnswerBody = WithData<z.infer<typeof TaskAnswer>> & {
  readonly alternatives: readonly AlternativeBody[]
}
export type ImageAnswersBody = Omit<z.infer<typeof ImageAnswers>, 'answers'> & {
  readonly answers: readonly TaskAnswerBody[]
}
export type NativeResponseBody = Omit<z.infer<typeof NativeResponse>, 'images'> & {
  readonly images: readonly ImageAnswersBody[]
}

export const AnswerDelta = z.object({
  image: z.int().describe('Index of the picture.'),
  answer: z.int().describe('Index of the task.'),
  text: z.string(),
})

/** Named events: `answer-delta`, then `answer-end` with the whole answer, or `error`. */
export const NativeEvent = z.union([AnswerDelta, NativeResponse])

export const TasksResponse = z.object({
  default_task: z.string(),
  tasks: z.array(
    z.object({
      id: z.string(),
      token: z.string(),
      title: z.string().describe('For people.'),
      group: z.enum(TASK_GROUPS).describe('Where a menu puts it.'),
      names: z.array(z.string()),
      takes: z.enum(['nothing', 'text', 'region']),
      answer: z.string().describe('The kind of `data`.'),
      family: z.enum(['florence2', 'fine_tune']),
      default_input: z.string().nullable(),
    }),
  ),
})
export type TasksResponse = z.infer<typeof TasksResponse>

export const StatusResponse = z.object({
  version: z.string().nullable(),
  serve_command: z
    .string()
    .nullable()
    .optional()
    .describe('What its user types in front of options of the server: `npm start --`.'),
  ready: z.boolean(),
  reason: z.string().nullable().describe('Why it is not ready.'),
  model: z.object({
    id: z.string(),
    demo: z.boolean(),
    image_size: z.int(),
    precision: z.string(),
    fingerprint: z
      .string()
      .describe('Of weights and graphs: the same wherever they are; empty until it is loaded.'),
    parameters: z.int(),
    created_at: z.string(),
    task_tokens: z
      .array(z.string())
      .describe('Tokens of tasks that this checkpoint adds to those of Florence-2.'),
  }),
  batches: z
    .object({
      open: z.int().describe('Batches that have something to do.'),
      lines: z.object({ total: z.int(), done: z.int() }).describe('Of these batches.'),
      limits: z
        .object({ max_file_bytes: z.int(), max_lines: z.int(), max_stored_bytes: z.int() })
        .optional()
        .describe('Of one file, of one batch, and of all files of a key.'),
    })
    .nullish()
    .describe('null where the server takes none.'),
  limits: z.object({ max_body_bytes: z.int(), max_images: z.int(), max_tasks: z.int() }),
})
export type StatusResponse = z.infer<typeof StatusResponse>

export const ErrorResponse = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    subject: z.string().nullable().describe('The field at fault.'),
    retry: z.enum(['never', 'later', 'now']),
    request_id: z.string(),
  }),
})
export type ErrorResponse = z.infer<typeof ErrorResponse>
