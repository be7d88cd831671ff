// Errors as OpenAI's clients read them: all four fields, whatever goes wrong.
import type { FlocapError } from '../../../base/errors.ts'
import { STATUS, errorText } from '../../errors.ts'
import type { ErrorResponse } from './schema.ts'

export function renderError(error: FlocapError): ErrorResponse {
  return {
    error: {
      message: errorText(error),
      type: errorType(STATUS[error.code]),
      param: error.subject ?? null,
      code: error.code,
    },
  }
}

function errorType(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
