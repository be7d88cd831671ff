// KoboldAI's generate, as KoboldCpp extended it.
import { z } from 'zod'
import { MAX_BEAMS } from '../../../caption/generation.ts'
import { StopTexts } from '../../chat/stop.ts'

export const GenerateRequest = z.looseObject({
  prompt: z.string().nullish(),
  memory: z.string().nullish().describe('A task token in it counts when the prompt has none.'),
  images: z.array(z.string()).nullish().describe('Picture files as base64.'),
  max_length: z.int().nullish(),
  stop_sequence: StopTexts.nullish(),
  n: z.int().min(1).max(MAX_BEAMS).nullish().describe('Results.'),
})

export const GenerateResponse = z.object({
  results: z.array(
    z.object({
      text: z.string(),
      finish_reason: z.enum(['stop', 'length']),
      prompt_tokens: z.int(),
      completion_tokens: z.int(),
    }),
  ),
})

export const ResultResponse = z.object({ result: z.string() })

export const ValueResponse = z.object({ value: z.int() })
