// Files and batches as OpenAI's specification has them.
import { z } from 'zod'
import { isBatchId, isFileId } from '../../../batches/ids.ts'
import { Batch, ENDPOINTS, FileObject, UPLOAD_PURPOSES } from '../../../batches/objects.ts'

export { Batch, FileObject } from '../../../batches/objects.ts'
export { OutputLine } from '../../../batches/render-line.ts'

/** OpenAI's bounds: an hour to thirty days. */
const Seconds = z.coerce.number().int().min(3600).max(2_592_000)

/** Fields of the form beside the file. */
export const UploadFields = z.object({
  purpose: z.enum(UPLOAD_PURPOSES),
  'expires_after[anchor]': z.literal('created_at').optional(),
  'expires_after[seconds]': Seconds.optional(),
})

/** As the API reference shows the form. */
export const UploadForm = UploadFields.extend({
  file: z.string().describe('The file itself, as multipart/form-data.'),
})

const MAX_FILES_OF_PAGE = 10_000
const MAX_BATCHES_OF_PAGE = 100
const DEFAULT_BATCHES_OF_PAGE = 20

export const FilesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_FILES_OF_PAGE).default(MAX_FILES_OF_PAGE),
  order: z.enum(['asc', 'desc']).default('desc'),
  after: z.string().refine(isFileId, { message: 'the id of a file' }).optional(),
  purpose: z.enum([...UPLOAD_PURPOSES, 'batch_output']).optional(),
})

export const BatchesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_BATCHES_OF_PAGE).default(DEFAULT_BATCHES_OF_PAGE),
  after: z.string().refine(isBatchId, { message: 'the id of a batch' }).optional(),
})

const MAX_METADATA = 16

/** OpenAI knows 24h only. */
export const COMPLETION_WINDOW = /^([1-9]\d{0,2})([hd])$/

export const BatchRequest = z.object({
  input_file_id: z.string().describe('Of a file with the purpose batch.'),
  endpoint: z.enum(ENDPOINTS),
  completion_window: z
    .string()
    .regex(COMPLETION_WINDOW)
    .describe('24h, or any number of hours or days up to 30d.'),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= MAX_METADATA, {
      message: `at most ${MAX_METADATA} pairs`,
    })
    .nullish(),
  output_expires_after: z.object({ anchor: z.literal('created_at'), seconds: Seconds }).nullish(),
})

function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
}

export const FileList = listOf(FileObject)
export type FileList = z.infer<typeof FileList>

export const BatchList = listOf(Batch)
export type BatchList = z.infer<typeof BatchList>

export const DeletedFile = z.object({
  id: z.string(),
  object: z.literal('file'),
  deleted: z.literal(true),
})
export type DeletedFile = z.infer<typeof DeletedFile>
