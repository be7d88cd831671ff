// Errors as Anthropic's clients read them: a type for each status, and a message.
import type { FlocapError } from '../../../base/errors.ts'
import { STATUS, errorText } from '../../errors.ts'
import type { ErrorResponse } from './schema.ts'

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  503: 'overloaded_error',
  504: 'timeout_error',
}

export function renderError(error: FlocapError, requestId: string | null = null): ErrorResponse {
  const status = STATUS[error.code]
  const type = TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
  return { type: 'error', error: { type, message: errorText(error) }, request_id: requestId }
}
