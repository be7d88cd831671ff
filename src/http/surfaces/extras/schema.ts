// Bodies of the SillyTavern Extras API, as SillyTavern's browser page reads them.
import { z } from 'zod'
import { Extension } from '../../chat/extension.ts'

export const ModulesResponse = z.object({ modules: z.array(z.string()) })
export type ModulesResponse = z.infer<typeof ModulesResponse>

export const CaptionRequest = z.object({
  image: z.string().describe('The picture file as base64, with or without a data: prefix.'),
})

export const CaptionResponse = z.object({ caption: z.string(), flocap: Extension })
export type CaptionResponse = { caption: string; flocap: Extension }

export const ErrorResponse = z.object({ error: z.string() })
