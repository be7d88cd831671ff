// AUTOMATIC1111's interrogate and the little that its clients look at around it.
import { z } from 'zod'
import { Extension } from '../../chat/extension.ts'

export const InterrogateRequest = z.looseObject({
  image: z.string().describe('The picture file as base64 or as a data URL.'),
  model: z.string().nullish().describe('clip, deepdanbooru or anything; a task name picks a task.'),
})

export const InterrogateResponse = z.object({ caption: z.string(), flocap: Extension })

export const SdModelsResponse = z.array(z.never())

export const OptionsResponse = z.object({ sd_model_checkpoint: z.string() })

export const ErrorResponse = z.object({
  error: z.string(),
  detail: z.string(),
  body: z.string(),
  errors: z.string(),
})
export type ErrorResponse = z.infer<typeof ErrorResponse>
