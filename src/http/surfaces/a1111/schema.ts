// AUTOMATIC1111's interrogate and the little that its clients look at around it.
import { z } from 'zod'
import { Extension } from '../../chat/extension.ts'

export const InterrogateRequest = z.looseObject({
  image: z.string().describe('The picture file as base64 or as a data URL.'),
  model: z.string().nullish().describe('clip, deepdanbooru or anything; a task name picks a task.'),
})

export const InterrogateResponse = z.object({ caption: z.string(), flocap: Extension })

export const SdModelsResponse = z.array(
  z.object({
    title: z.string(),
    model_name: z.string(),
    hash: z.null(),
    sha256: z.null(),
    filename: z.string(),
    config: z.null(),
  }),
)

export const OptionsResponse = z.object({
  samples_format: z.string(),
  sd_model_checkpoint: z.string(),
})

export const NamesResponse = z.array(z.string())

export const VqaRequest = z.looseObject({
  image: z.string().describe('The picture file as base64 or as a data URL.'),
  model: z.string().nullish(),
  question: z.string().nullish().describe('A task token of Florence-2; other text is ignored.'),
  prompt: z.string().nullish(),
  system: z.string().nullish(),
  backend: z.string().nullish().describe('Comes back in the answer.'),
  max_tokens: z.int().nullish(),
})

export const VqaResponse = z.object({ answer: z.string(), annotated_image: z.null() })

export const VqaModelsResponse = z.array(
  z.object({
    name: z.string(),
    repo: z.string(),
    prompts: z.array(z.string()),
    capabilities: z.array(z.string()),
  }),
)

export const CaptionResponse = z.object({
  backend: z.string(),
  caption: z.string(),
  answer: z.string(),
})

export const ErrorResponse = z.object({
  error: z.string(),
  detail: z.string(),
  body: z.string(),
  errors: z.string(),
})
export type ErrorResponse = z.infer<typeof ErrorResponse>
