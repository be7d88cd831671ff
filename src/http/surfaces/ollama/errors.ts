// Errors as Ollama writes them: one string. ollama-js shows `[object Object]` for anything else.
import type { FlocapError } from '../../../base/errors.ts'
import { errorText } from '../../errors.ts'

export function renderError(error: FlocapError): { error: string } {
  return { error: errorText(error) }
}
