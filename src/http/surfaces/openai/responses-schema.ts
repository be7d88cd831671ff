// The Responses API, as the SDKs, the AI SDK's default model, n8n and PhotoPrism use it.
import { z } from 'zod'
import { Extension } from '../../chat/extension.ts'
import { Frames } from '../../chat/frames.ts'
import { ResponseFormat, ToolChoice, ToolEntry } from './schema.ts'

const InputPart = z.looseObject({
  type: z
    .string()
    .nullish()
    .describe('input_text, input_image, input_file and those of other dialects.'),
  text: z.string().nullish(),
  image_url: z
    .union([z.string(), z.looseObject({ url: z.string() })])
    .nullish()
    .describe('A data URL.'),
  file_id: z.string().nullish(),
  file_data: z.string().nullish(),
})

const InputItem = z.looseObject({
  type: z.string().nullish(),
  role: z.string().nullish(),
  content: z.union([z.string(), z.array(z.union([z.string(), InputPart]))]).nullish(),
})
export type InputItem = z.infer<typeof InputItem>

export const ResponsesRequest = z.looseObject({
  model: z.string().nullish().describe('Anything; a suffix `:task` of the served id picks a task.'),
  input: z.union([z.string(), z.array(InputItem)]).nullish(),
  instructions: z.string().nullish(),
  max_output_tokens: z.int().nullish(),
  previous_response_id: z
    .string()
    .nullish()
    .describe('Nothing is stored: a question whose picture came with an earlier one is refused.'),
  metadata: z.record(z.string(), z.string()).nullish(),
  stream: z.boolean().nullish(),
  frames: Frames,
  text: z.looseObject({ format: ResponseFormat.nullish() }).nullish(),
  tools: z.array(ToolEntry).nullish(),
  tool_choice: ToolChoice.nullish().describe('required, or one function: its arguments come.'),
})
export type ResponsesRequest = z.infer<typeof ResponsesRequest>

const OutputText = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.never()),
  logprobs: z.array(z.never()),
})
export type OutputText = z.infer<typeof OutputText>

const Status = z.enum(['in_progress', 'completed', 'incomplete', 'failed'])

const OutputItem = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    id: z.string(),
    status: Status,
    role: z.literal('assistant'),
    content: z.array(OutputText),
  }),
  z.object({
    type: z.literal('function_call'),
    id: z.string(),
    call_id: z.string(),
    status: Status,
    name: z.string(),
    arguments: z.string(),
  }),
])
export type OutputItem = z.infer<typeof OutputItem>

export const ResponsesResponse = z.object({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.int(),
  status: Status,
  background: z.literal(false),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.object({ reason: z.literal('max_output_tokens') }).nullable(),
  instructions: z.string().nullable(),
  max_output_tokens: z.int().nullable(),
  metadata: z.record(z.string(), z.string()),
  model: z.string(),
  output: z.array(OutputItem),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.null(),
  store: z.literal(false),
  temperature: z.number(),
  text: z.object({ format: z.looseObject({ type: z.string() }) }),
  tool_choice: z.unknown().describe('As it was asked.'),
  tools: z.array(z.unknown()).describe('As they were offered.'),
  top_p: z.number(),
  truncation: z.literal('disabled'),
  usage: z
    .object({
      input_tokens: z.int(),
      input_tokens_details: z.object({ cached_tokens: z.int(), cache_write_tokens: z.int() }),
      output_tokens: z.int(),
      output_tokens_details: z.object({ reasoning_tokens: z.int() }),
      total_tokens: z.int(),
    })
    .nullable(),
  flocap: Extension.optional(),
})
export type ResponsesResponse = Omit<z.infer<typeof ResponsesResponse>, 'flocap'> & {
  flocap?: Extension
}

/** Named `event:` lines; `sequence_number` counts from 0. */
export const ResponseEvent = z.looseObject({
  type: z.enum([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
    'response.incomplete',
    'response.failed',
  ]),
  sequence_number: z.int(),
})
