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
    .enum(['ready', 'loading', 'restarting', 'busy', 'failed'])
    .describe('busy: the queue is full; failed: the model cannot be loaded.'),
  reason: z.string().optional(),
})
export type ReadyResponse = z.infer<typeof ReadyResponse>

/** What llama.cpp's server answers on /health until its model is there. */
export interface UnavailableResponse {
  readonly error: { readonly code: 503; readonly message: string; readonly type: string }
}
