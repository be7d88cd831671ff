// Errors in the shape of AUTOMATIC1111's own handler.
import type { FlocapError } from '../../../base/errors.ts'
import { errorText } from '../../errors.ts'
import type { ErrorResponse } from './schema.ts'

export function renderError(error: FlocapError): ErrorResponse {
  const text = errorText(error)
  return { error: error.code, detail: text, body: '', errors: text }
}
