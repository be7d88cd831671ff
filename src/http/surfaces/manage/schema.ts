// Models of a running server: which there are, how a download goes, which one is served.
import { z } from 'zod'

const Failure = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
})

const Bytes = z.int()

export const ModelEntry = z.object({
  name: z.string().describe('As pull and switch take it.'),
  note: z.string().nullable().describe('What it is good for.'),
  licence: z.string().nullable(),
  demo: z.boolean(),
  parameters: z.int().nullable(),
  download_bytes: Bytes.nullable().describe('Of a download; null where FloCap fetches none.'),
  installed_bytes: Bytes.nullable().describe('null where it is not on this machine.'),
  serving: z.boolean().describe('Answers now, or will when it is loaded.'),
})
export type ModelEntry = z.infer<typeof ModelEntry>

const REASONS = [
  'asked for',
  'switched to',
  'named last',
  'the only one installed',
  'preferred',
  'none installed',
  'unclear',
] as const

export const PullState = z.object({
  model: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  step: z.string().describe('What is being done, for people.'),
  received_bytes: Bytes,
  total_bytes: Bytes.nullable().describe('null until the Hub has said it.'),
  bytes_per_second: z.number().nullable(),
  seconds_left: z.number().nullable(),
  error: Failure.nullable(),
})
export type PullState = z.infer<typeof PullState>

export const SwitchState = z.object({
  model: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  step: z.string(),
  error: Failure.nullable().describe('Why it failed; the model before is served again.'),
})
export type SwitchState = z.infer<typeof SwitchState>

export const ModelsResponse = z.object({
  serving: z.object({
    name: z.string().describe('As --model takes it.'),
    reason: z.enum(REASONS).describe('Why this one.'),
  }),
  management: z.object({
    allowed: z.boolean(),
    reason: z.string().nullable().describe('Why whoever asks may not pull or switch models.'),
  }),
  models: z.array(ModelEntry).describe('Empty for whoever may not manage them.'),
  pull: PullState.nullable().describe('The last one since the start.'),
  switch: SwitchState.nullable().describe('The last one since the start.'),
})
export type ModelsResponse = z.infer<typeof ModelsResponse>

const MAX_NAME_CHARACTERS = 200

export const ModelRequest = z.strictObject({
  model: z.string().min(1).max(MAX_NAME_CHARACTERS).describe('A name of the list.'),
})
