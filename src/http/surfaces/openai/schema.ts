// Chat completions and models, as clients send them and must get them back.
//
// Requests are read laxly: unknown fields are ignored, every field may be null. Answers hold every
// field that OpenAI's specification requires, because some clients check.
import { z } from 'zod'
import { MAX_BEAMS } from '../../../caption/generation.ts'
import { Extension } from '../../chat/extension.ts'
import { Frames } from '../../chat/frames.ts'
import { Stop } from '../../chat/stop.ts'

const ImageUrl = z.union([z.string(), z.looseObject({ url: z.string() })])

const ContentPart = z.looseObject({
  type: z.string().nullish().describe('text, image_url and those of other dialects.'),
  text: z.string().nullish(),
  image_url: ImageUrl.nullish().describe('A data URL, as a string or in an object.'),
  file: z.looseObject({ file_data: z.string().nullish(), file_id: z.string().nullish() }).nullish(),
})

const ChatMessage = z.looseObject({
  role: z.string().nullish(),
  content: z.union([z.string(), z.array(z.union([z.string(), ContentPart]))]).nullish(),
  image_url: ImageUrl.nullish().describe('Written here by old versions of SillyTavern.'),
})

export const ResponseFormat = z.looseObject({
  type: z.string().nullish(),
  json_schema: z.looseObject({ schema: z.unknown().optional() }).nullish(),
  schema: z.unknown().optional(),
})
export type ResponseFormat = z.infer<typeof ResponseFormat>

const NamedFunction = z.looseObject({ name: z.string().nullish() })

export const ToolEntry = z.looseObject({
  type: z.string().nullish(),
  name: z.string().nullish(),
  parameters: z.unknown().optional(),
  function: z
    .looseObject({ name: z.string().nullish(), parameters: z.unknown().optional() })
    .optional(),
})
export type ToolEntry = z.infer<typeof ToolEntry>

const AllowedTools = {
  mode: z.string().nullish(),
  tools: z
    .array(z.looseObject({ name: z.string().nullish(), function: NamedFunction.nullish() }))
    .nullish(),
}

export const ToolChoice = z.union([
  z.string(),
  z.looseObject({
    type: z.string().nullish(),
    name: z.string().nullish(),
    function: NamedFunction.nullish(),
    allowed_tools: z.looseObject(AllowedTools).nullish(),
    ...AllowedTools,
  }),
])
export type ToolChoice = z.infer<typeof ToolChoice>

export const ChatRequest = z.looseObject({
  model: z.string().nullish().describe('Anything; a suffix `:task` of the served id picks a task.'),
  messages: z.array(ChatMessage),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.int().min(1).max(MAX_BEAMS).nullish(),
  stop: Stop.nullish(),
  max_tokens: z.int().nullish(),
  max_completion_tokens: z.int().nullish(),
  response_format: ResponseFormat.nullish(),
  frames: Frames,
  json_schema: z.unknown().optional().describe("llama.cpp's place for a schema."),
  guided_json: z.unknown().optional().describe("vLLM's place for a schema."),
  structured_outputs: z
    .looseObject({ json: z.unknown().optional() })
    .nullish()
    .describe("vLLM's newer place for one."),
  tools: z.array(ToolEntry).nullish(),
  tool_choice: ToolChoice.nullish().describe('required, or one function: its arguments come.'),
  functions: z.array(ToolEntry).nullish(),
  function_call: ToolChoice.nullish(),
  continue_final_message: z
    .boolean()
    .nullish()
    .describe(
      'A last message of the assistant is the beginning of the answer; the rest comes back.',
    ),
  continue_assistant_turn: z.boolean().nullish(),
})
export type ChatRequest = z.infer<typeof ChatRequest>

export const Usage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
})
export type Usage = z.infer<typeof Usage>

const FinishReason = z.enum(['stop', 'length', 'tool_calls', 'function_call'])
export type FinishReason = z.infer<typeof FinishReason>

const FunctionCall = z.object({ name: z.string(), arguments: z.string() })

const ToolCall = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: FunctionCall,
})

export const ChatResponse = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable().describe('null beside a call.'),
        refusal: z.null(),
        tool_calls: z.array(ToolCall).optional(),
        function_call: FunctionCall.optional(),
      }),
      logprobs: z.null(),
      finish_reason: FinishReason,
    }),
  ),
  usage: Usage,
  flocap: Extension,
})
export type ChatResponse = Omit<z.infer<typeof ChatResponse>, 'flocap'> & { flocap: Extension }

export const ChatChunk = z.object({
  id: z.string(),
  object: z.literal('chat.completion.chunk'),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      delta: z.object({
        role: z.literal('assistant').optional(),
        content: z.string().nullable().optional(),
        tool_calls: z
          .array(
            z.object({
              index: z.int(),
              id: z.string().optional(),
              type: z.literal('function').optional(),
              function: FunctionCall.partial(),
            }),
          )
          .optional(),
        function_call: FunctionCall.partial().optional(),
      }),
      logprobs: z.null(),
      finish_reason: FinishReason.nullable(),
    }),
  ),
  usage: Usage.nullish(),
  flocap: Extension.optional(),
})
export type ChatChunk = Omit<z.infer<typeof ChatChunk>, 'flocap'> & { flocap?: Extension }

export const Model = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  architecture: z.object({
    modality: z.string(),
    input_modalities: z.array(z.string()),
    output_modalities: z.array(z.string()),
  }),
  capabilities: z.array(z.string()),
  type: z.literal('model').describe("This and the next two are Anthropic's."),
  display_name: z.string(),
  created_at: z.string(),
})
export type Model = z.infer<typeof Model>

export const ModelList = z.object({
  object: z.literal('list'),
  data: z.array(Model),
  has_more: z.literal(false).describe("This and the next two are Anthropic's."),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
})
export type ModelList = z.infer<typeof ModelList>

export const ErrorResponse = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
})
export type ErrorResponse = z.infer<typeof ErrorResponse>
