// The wire of a review: pictures with their captions, changes to them, locks.
import { z } from 'zod'
import { ErrorResponse } from '../native/schema.ts'

export { ErrorResponse }

const caption = z.string().nullable()

export const ReviewedPicture = z.object({
  name: z.string(),
  caption,
  file: z.string(),
  readOnly: z.string().nullable(),
  confidence: z.number().nullable(),
  failure: z.string().nullable(),
  edited: z.boolean(),
  lock: z.enum(['locked', 'open', 'replaced']),
  sha256: z.string().nullable(),
  stamp: z.string(),
})
export type ReviewedPicture = z.infer<typeof ReviewedPicture>

export const ReviewList = z.object({
  folder: z.string(),
  /** What a person should know before working in it. */
  notes: z.array(z.string()),
  /** What a picture can be captioned again with. */
  tasks: z.array(z.object({ id: z.string(), title: z.string() })),
  pictures: z.array(ReviewedPicture),
})

export const AgainRequest = z.object({ name: z.string(), task: z.string() })

/** Not saved: that is another request. */
export const AgainResponse = z.object({
  caption: z.string(),
  confidence: z.number().nullable(),
  model: z.object({ id: z.string(), demo: z.boolean() }),
})
export type AgainResponse = z.infer<typeof AgainResponse>

const Change = z.object({ name: z.string(), before: caption, after: caption })
export type Change = z.infer<typeof Change>

export const SaveRequest = z.object({
  changes: z.array(Change),
  /** Changes of the same step can be taken back together, later too. */
  step: z.string().min(1).max(100).optional(),
})

/** 200 when all were saved, 409 when one was changed by somebody else meanwhile, 500 when one failed. */
export const SaveResponse = z.object({
  saved: z.array(ReviewedPicture),
  conflicts: z.array(z.object({ name: z.string(), theirs: caption })),
  failed: z.array(z.object({ name: z.string(), message: z.string() })),
})
export type SaveResponse = z.infer<typeof SaveResponse>

export const LockRequest = z.object({ names: z.array(z.string()), locked: z.boolean() })
export const LockResponse = z.object({ pictures: z.array(ReviewedPicture) })

export const ReplaceRequest = z.object({
  names: z.array(z.string()),
  from: z.string().min(1),
  to: z.string(),
  regex: z.boolean(),
})
export const ReplaceResponse = z.object({ changes: z.array(Change) })

/** What would take back the last step, as far as it still stands; no time without one. */
export const UndoResponse = z.object({ time: z.string().nullable(), changes: z.array(Change) })
export type UndoResponse = z.infer<typeof UndoResponse>
