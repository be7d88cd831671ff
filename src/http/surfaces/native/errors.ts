// Errors of FloCap's own API: everything that is known, each in a field of its own.
import type { FlocapError } from '../../../base/errors.ts'
import type { ErrorResponse } from './schema.ts'

export function renderError(error: FlocapError, requestId: string): ErrorResponse {
  return {
    error: {
      code: error.code,
      message: error.message,
      hint: error.hint ?? null,
      subject: error.subject ?? null,
      retry: error.retry,
      request_id: requestId,
    },
  }
}
