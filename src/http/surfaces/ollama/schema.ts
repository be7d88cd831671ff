// Ollama's HTTP API, as its clients write and read it.
//
// Requests are read laxly: unknown fields are ignored, every field may be null. Answers hold every
// field that a client is known to read without asking whether it is there.
import { z } from 'zod'
import { Extension } from '../../chat/extension.ts'
import { Frames } from '../../chat/frames.ts'
import { Stop } from '../../chat/stop.ts'
import { ToolEntry } from '../openai/schema.ts'

const Images = z.array(z.string()).nullish().describe('Picture files as base64.')

const Options = z.looseObject({
  num_predict: z.int().nullish(),
  frames: Frames,
  stop: Stop.nullish(),
})

const Format = z.unknown().optional().describe('`json`, or a JSON schema that the answer fits.')

const KeepAlive = z.union([z.string(), z.number()]).nullish()

export const GenerateRequest = z.looseObject({
  model: z.string().nullish(),
  prompt: z.string().nullish(),
  system: z
    .string()
    .nullish()
    .describe('A task token in it chooses a task when the prompt does not.'),
  images: Images,
  stream: z.boolean().nullish().describe('True when it is left out.'),
  format: Format,
  keep_alive: KeepAlive,
  options: Options.nullish(),
})
export type GenerateRequest = z.infer<typeof GenerateRequest>

export const ChatRequest = z.looseObject({
  model: z.string().nullish(),
  messages: z
    .array(
      z.looseObject({
        role: z.string().nullish(),
        content: z.union([z.string(), z.array(z.unknown())]).nullish(),
        images: Images,
      }),
    )
    .nullish(),
  images: Images,
  stream: z.boolean().nullish().describe('True when it is left out.'),
  format: Format,
  tools: z
    .array(ToolEntry)
    .nullish()
    .describe('One, with nothing else to do, is called; of several none.'),
  keep_alive: KeepAlive,
  options: Options.nullish(),
})
export type ChatRequest = z.infer<typeof ChatRequest>

/** Of the last object of an answer; durations in nanoseconds. */
const Ending = {
  done_reason: z.enum(['stop', 'length', 'load', 'unload']).optional(),
  total_duration: z.int().optional(),
  load_duration: z.int().optional(),
  prompt_eval_count: z.int().optional(),
  prompt_eval_duration: z.int().optional(),
  eval_count: z.int().optional(),
  eval_duration: z.int().optional(),
  flocap: Extension.optional(),
}

export const GenerateResponse = z.object({
  model: z.string(),
  created_at: z.string(),
  response: z.string(),
  done: z.boolean(),
  context: z.array(z.int()).optional().describe('Always empty: FloCap remembers nothing.'),
  ...Ending,
})

export const ChatResponse = z.object({
  model: z.string(),
  created_at: z.string(),
  message: z.object({
    role: z.literal('assistant'),
    content: z.string(),
    tool_calls: z
      .array(z.object({ function: z.object({ name: z.string(), arguments: z.unknown() }) }))
      .optional(),
  }),
  done: z.boolean(),
  ...Ending,
})

const Details = z.object({
  parent_model: z.string(),
  format: z.string(),
  family: z.string(),
  families: z.array(z.string()),
  parameter_size: z.string(),
  quantization_level: z.string(),
})
export type Details = z.infer<typeof Details>

const Listed = {
  name: z.string(),
  model: z.string(),
  size: z.int(),
  digest: z.string(),
  details: Details,
}

const ListedModel = z.object({
  ...Listed,
  modified_at: z.string(),
  capabilities: z.array(z.string()),
})
export type ListedModel = z.infer<typeof ListedModel>

export const TagsResponse = z.object({ models: z.array(ListedModel) })

const RunningModel = z.object({ ...Listed, expires_at: z.string(), size_vram: z.int() })
export type RunningModel = z.infer<typeof RunningModel>

export const PsResponse = z.object({ models: z.array(RunningModel) })

/** Old clients say `name`. */
export const NameRequest = z.looseObject({
  model: z.string().nullish(),
  name: z.string().nullish(),
  stream: z.boolean().nullish(),
})
export type NameRequest = z.infer<typeof NameRequest>

export const ShowResponse = z.object({
  license: z.string(),
  modelfile: z.string(),
  parameters: z.string(),
  template: z.string(),
  details: Details,
  model_info: z.record(z.string(), z.union([z.string(), z.number()])),
  capabilities: z.array(z.string()),
  modified_at: z.string(),
})
export type ShowResponse = z.infer<typeof ShowResponse>

export const PullResponse = z.object({ status: z.string() })

export const VersionResponse = z.object({ version: z.string() })

export const ErrorResponse = z.object({ error: z.string() })
