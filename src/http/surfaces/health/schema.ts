// The bodies of the signs of life.
import { z } from 'zod'

export const HealthResponse = z.object({
  status: z.literal('ok'),
  model: z.string(),
  demo: z.boolean().describe('True when the bundled miniature model answers.'),
})
export type HealthResponse = z.infer<typeof HealthResponse>

export const ReadyResponse = z.object({
  status: z
    .enum(['ready', 'loading', 'restarting', 'busy', 'failed', 'ending'])
    .describe(
      'busy: the queue is full; failed: the model cannot be loaded; ending: the server was told to stop.',
    ),
  reason: z.string().optional(),
  places: z.int().optional().describe('Requests that the model works on at once.'),
  places_free: z.int().optional(),
  waiting: z.int().optional().describe('Requests that wait for a place.'),
  wait_seconds: z
    .number()
    .optional()
    .describe('Until the next request would begin, as far as can be foretold.'),
})
export type ReadyResponse = z.infer<typeof ReadyResponse>

/** What llama.cpp's server answers on /health until its model is there. */
export interface UnavailableResponse {
  readonly error: { readonly code: 503; readonly message: string; readonly type: string }
}
