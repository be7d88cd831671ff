// Files and batches as OpenAI's clients see them, and as they stand in file.json and batch.json: one
// shape for both, so that what a client is told is what is kept.
import { z } from 'zod'

/** What may be batched; the last is FloCap's own API. */
export const ENDPOINTS = ['/v1/chat/completions', '/v1/responses', '/api/v1/caption'] as const
export type Endpoint = (typeof ENDPOINTS)[number]

/** What clients upload files for: lines of a batch, or a picture that requests name by its id. */
export const UPLOAD_PURPOSES = ['batch', 'vision', 'user_data'] as const
export type UploadPurpose = (typeof UPLOAD_PURPOSES)[number]

/** Times are in seconds since 1970. */
const Time = z.int()

export const FileObject = z.object({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.int(),
  created_at: Time,
  expires_at: Time.nullish(),
  filename: z.string(),
  purpose: z.enum([...UPLOAD_PURPOSES, 'batch_output']),
  status: z.literal('processed').describe('Deprecated by OpenAI, but still required.'),
})
export type FileObject = z.infer<typeof FileObject>

export const BATCH_STATUSES = [
  'validating',
  'failed',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
] as const
export type BatchStatus = (typeof BATCH_STATUSES)[number]

export const BatchErrorEntry = z.object({
  code: z.string(),
  message: z.string(),
  param: z.string().nullable(),
  line: z.int().nullable().describe('Of the input file, from 1.'),
})
export type BatchErrorEntry = z.infer<typeof BatchErrorEntry>

export const BatchUsage = z.object({
  input_tokens: z.int(),
  input_tokens_details: z.object({ cached_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.object({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
})
export type BatchUsage = z.infer<typeof BatchUsage>

export const Batch = z.object({
  id: z.string(),
  object: z.literal('batch'),
  endpoint: z.enum(ENDPOINTS),
  model: z.string(),
  errors: z
    .object({ object: z.literal('list'), data: z.array(BatchErrorEntry) })
    .nullable()
    .describe('Why it failed; of one in progress, what it waits for.'),
  input_file_id: z.string(),
  completion_window: z.string(),
  status: z.enum(BATCH_STATUSES),
  output_file_id: z.string().nullable(),
  error_file_id: z.string().nullable(),
  created_at: Time,
  in_progress_at: Time.nullable(),
  expires_at: Time,
  finalizing_at: Time.nullable(),
  completed_at: Time.nullable(),
  failed_at: Time.nullable(),
  expired_at: Time.nullable(),
  cancelling_at: Time.nullable(),
  cancelled_at: Time.nullable(),
  request_counts: z.object({ total: z.int(), completed: z.int(), failed: z.int() }),
  usage: BatchUsage,
  metadata: z.record(z.string(), z.string()).nullable(),
})
export type Batch = z.infer<typeof Batch>

/** How a batch that has run ends. */
export const ENDINGS = ['completed', 'expired', 'cancelled'] as const
export type Ending = (typeof ENDINGS)[number]

/** What batch.json keeps besides. */
export const StoredBatch = Batch.extend({
  /** Seconds after which its output files expire. */
  output_expires_after: z.int(),
  /** Decided before the outputs become files, so that a crash in between changes nothing. */
  ending: z.enum(ENDINGS).nullable(),
})
export type StoredBatch = z.infer<typeof StoredBatch>

export const NO_USAGE: BatchUsage = {
  input_tokens: 0,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 0,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 0,
}

/** Whether nothing more happens to it. */
export function hasEnded(status: BatchStatus): boolean {
  return ['failed', 'completed', 'expired', 'cancelled'].includes(status)
}

/** When it ended; undefined while it has something to do. */
export function endOf(batch: Batch): number | undefined {
  const { completed_at, failed_at, expired_at, cancelled_at } = batch
  return completed_at ?? failed_at ?? expired_at ?? cancelled_at ?? undefined
}

/** Now, as OpenAI's objects write it. */
export function secondsNow(): number {
  return Math.floor(Date.now() / 1000)
}
