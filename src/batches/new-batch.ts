// A batch as it begins.
import { createBatchId } from './ids.ts'
import { type Endpoint, NO_USAGE, secondsNow, type StoredBatch } from './objects.ts'

export interface NewBatch {
  readonly inputFileId: string
  readonly endpoint: Endpoint
  readonly completionWindow: string
  /** The window in seconds. */
  readonly windowSeconds: number
  readonly model: string
  readonly metadata: Readonly<Record<string, string>> | null
  /** Seconds that its output files are kept. */
  readonly outputExpiresAfter: number
}

export function newBatch(wanted: NewBatch): StoredBatch {
  const created_at = secondsNow()
  return {
    id: createBatchId(),
    object: 'batch',
    endpoint: wanted.endpoint,
    model: wanted.model,
    errors: null,
    input_file_id: wanted.inputFileId,
    completion_window: wanted.completionWindow,
    status: 'validating',
    output_file_id: null,
    error_file_id: null,
    created_at,
    in_progress_at: null,
    expires_at: created_at + wanted.windowSeconds,
    finalizing_at: null,
    completed_at: null,
    failed_at: null,
    expired_at: null,
    cancelling_at: null,
    cancelled_at: null,
    request_counts: { total: 0, completed: 0, failed: 0 },
    usage: NO_USAGE,
    metadata: wanted.metadata === null ? null : { ...wanted.metadata },
    output_expires_after: wanted.outputExpiresAfter,
    ending: null,
  }
}
