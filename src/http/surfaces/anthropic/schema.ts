// Anthropic's Messages API, as its SDKs and the agents built on it write and read it.
//
// Requests are read laxly: unknown fields are ignored, every field may be null. Answers hold every
// field that the SDKs' types require.
import { z } from 'zod'
import { Extension } from '../../chat/extension.ts'
import { Frames } from '../../chat/frames.ts'
import { StopTexts } from '../../chat/stop.ts'

const Content = z.union([z.string(), z.array(z.unknown()).describe('Blocks of any dialect.')])

export const MessagesRequest = z.looseObject({
  model: z.string().nullish().describe('Anything; a suffix `:task` of the served id picks a task.'),
  messages: z
    .array(z.looseObject({ role: z.string().nullish(), content: Content.nullish() }))
    .describe('A last message of the assistant is the forced beginning of the answer.'),
  system: Content.nullish(),
  max_tokens: z.int().nullish(),
  stop_sequences: StopTexts.nullish(),
  stream: z.boolean().nullish(),
  tools: z
    .array(z.looseObject({ name: z.string(), input_schema: z.unknown().optional() }))
    .nullish(),
  tool_choice: z
    .looseObject({ type: z.string().nullish(), name: z.string().nullish() })
    .nullish()
    .describe('any, or one tool: its input comes.'),
  frames: Frames,
})
export type MessagesRequest = z.infer<typeof MessagesRequest>

const Usage = z.object({
  input_tokens: z.int(),
  output_tokens: z.int(),
  cache_creation_input_tokens: z.int(),
  cache_read_input_tokens: z.int(),
})

const StopReason = z.enum(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use'])
export type StopReason = z.infer<typeof StopReason>

export const MessageResponse = z.object({
  id: z.string(),
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: z.string(),
  content: z.array(
    z.union([
      z.object({ type: z.literal('text'), text: z.string() }),
      z.object({
        type: z.literal('tool_use'),
        id: z.string(),
        name: z.string(),
        input: z.unknown(),
      }),
    ]),
  ),
  stop_reason: StopReason.nullable(),
  stop_sequence: z.string().nullable(),
  usage: Usage,
  flocap: Extension.optional(),
})
export type MessageResponse = Omit<z.infer<typeof MessageResponse>, 'flocap'> & {
  flocap?: Extension
}

/** Named `event:` lines, in this order; `ping` may come anywhere. */
export const MessageEvent = z.looseObject({
  type: z.enum([
    'message_start',
    'content_block_start',
    'ping',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
    'error',
  ]),
})

export const CountResponse = z.object({ input_tokens: z.int() })

export const ErrorResponse = z.object({
  type: z.literal('error'),
  error: z.object({ type: z.string(), message: z.string() }),
  request_id: z.string().nullable(),
})
export type ErrorResponse = z.infer<typeof ErrorResponse>
