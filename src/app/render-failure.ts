// A failure of work that goes on without whoever asked for it, for those who look later.
import type { FlocapError } from '../base/errors.ts'

export function renderFailure({ code, message, hint }: FlocapError) {
  return { code, message, hint: hint ?? null }
}
