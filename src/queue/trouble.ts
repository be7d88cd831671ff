// Why nothing moves, for people: the first error since the broker last answered.
import { toPrintable } from '../base/printable.ts'

export interface Trouble {
  readonly report: (error: unknown) => void
  readonly clear: () => void
  readonly sentence: () => string | undefined
}

export function createTrouble(): Trouble {
  let reason: string | undefined
  return {
    report(error) {
      reason ??= error instanceof Error ? messageOf(error) : String(error)
    },
    clear() {
      reason = undefined
    },
    sentence: () =>
      reason === undefined ? undefined : `The queue does not answer: ${toPrintable(reason)}`,
  }
}

/** Errors of several addresses have no message themselves. */
function messageOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return error.errors[0].message
  }
  return error.message === '' ? error.name : error.message
}
