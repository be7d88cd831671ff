// LM Studio's two lists of models, with what its clients read in them.
import { z } from 'zod'

export const FirstList = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      id: z.string(),
      object: z.literal('model'),
      type: z.literal('vlm'),
      publisher: z.string(),
      arch: z.string(),
      compatibility_type: z.string(),
      quantization: z.string(),
      state: z.enum(['loaded', 'not-loaded']),
      max_context_length: z.int(),
    }),
  ),
})
export type FirstList = z.infer<typeof FirstList>

export const SecondList = z.object({
  models: z.array(
    z.object({
      type: z.literal('llm'),
      publisher: z.string(),
      key: z.string(),
      display_name: z.string(),
      architecture: z.string(),
      quantization: z.object({ name: z.string(), bits_per_weight: z.number().nullable() }),
      size_bytes: z.int(),
      params_string: z.string(),
      loaded_instances: z.array(
        z.object({ id: z.string(), config: z.object({ context_length: z.int() }) }),
      ),
      max_context_length: z.int(),
      format: z.string().nullable(),
      capabilities: z.object({ vision: z.boolean(), trained_for_tool_use: z.boolean() }),
      description: z.string().nullable(),
    }),
  ),
})
export type SecondList = z.infer<typeof SecondList>
