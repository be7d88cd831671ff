// Bodies of the SillyTavern Extras API, as SillyTavern's browser page reads them.
import { z } from 'zod'

export const ModulesResponse = z.object({ modules: z.array(z.string()) })
export type ModulesResponse = z.infer<typeof ModulesResponse>

export const CaptionRequest = z.object({
  image: z.string().describe('The picture file as base64, with or without a data: prefix.'),
})

export const CaptionResponse = z.object({ caption: z.string() })
export type CaptionResponse = z.infer<typeof CaptionResponse>

export const ErrorResponse = z.object({ error: z.string() })
