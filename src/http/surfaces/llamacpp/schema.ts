// llama.cpp's own completion route and what clients of llama.cpp, KoboldCpp and
// text-generation-webui ask before they use a server.
import { z } from 'zod'
import { Extension } from '../../chat/extension.ts'
import { Stop } from '../../chat/stop.ts'

export const CompletionRequest = z.looseObject({
  prompt: z
    .union([
      z.string(),
      z.looseObject({
        prompt_string: z.string().nullish(),
        multimodal_data: z.array(z.string()).nullish(),
      }),
    ])
    .nullish()
    .describe('May refer to pictures as [img-1], or bring them along as <__media__>.'),
  image_data: z
    .array(z.looseObject({ data: z.string(), id: z.union([z.int(), z.string()]).nullish() }))
    .nullish(),
  json_schema: z.unknown().optional().describe('The answer fits it.'),
  n_predict: z.int().nullish(),
  stop: Stop.nullish(),
  stream: z.boolean().nullish(),
})
export type CompletionRequest = z.infer<typeof CompletionRequest>

export const CompletionResponse = z.object({
  content: z.string(),
  stop: z.boolean(),
  model: z.string().optional(),
  tokens_predicted: z.int().optional(),
  tokens_evaluated: z.int().optional(),
  truncated: z.boolean().optional(),
  stop_type: z.enum(['eos', 'limit', 'word']).optional(),
  flocap: Extension.optional(),
})

export const PropsResponse = z.object({
  model_alias: z.string(),
  model_path: z.string(),
  total_slots: z.int(),
  chat_template: z.string(),
  modalities: z.object({ vision: z.boolean(), audio: z.boolean() }),
  default_generation_settings: z.record(z.string(), z.unknown()),
})

export const ExtraVersionResponse = z.object({
  result: z.literal('KoboldCpp'),
  version: z.string(),
  protected: z.boolean(),
  txt2img: z.boolean(),
  vision: z.boolean(),
  audio: z.boolean(),
  transcribe: z.boolean(),
  multiplayer: z.boolean(),
  websearch: z.boolean(),
})

export const ModelInfoResponse = z.object({
  model_name: z.string(),
  lora_names: z.array(z.string()),
})
