// Options that there are not: in JavaScript no compiler says it.
import { type ErrorCode, FlocapError } from '../base/errors.ts'
import { nearestNames } from '../base/nearest.ts'
import { showValue } from '../base/show-value.ts'

/** @throws FlocapError with `code` for a name of `options` that is none of `names`. */
export function assertOptionNames(
  options: object,
  names: readonly string[],
  code: ErrorCode,
): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown === undefined) return
  const [nearest] = nearestNames(unknown, names)
  throw new FlocapError(code, `There is no option ${showValue(unknown)}.`, {
    subject: unknown,
    hint:
      nearest === undefined ? `The options are ${names.join(', ')}.` : `Did you mean ${nearest}?`,
  })
}
