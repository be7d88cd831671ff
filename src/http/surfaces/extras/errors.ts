// Errors as the Extras server wrote them: one string. SillyTavern shows it in the browser console.
import type { FlocapError } from '../../../base/errors.ts'
import { errorText } from '../../errors.ts'

export function renderError(error: FlocapError): { error: string } {
  return { error: errorText(error) }
}
