// Why nothing moves, for people: the newest error since the broker last did what it was asked.
import { toPrintable } from '../base/printable.ts'
import { adviceFor } from './explain.ts'

export interface Trouble {
  /** @param by who asked and was refused; without it, a connection that was lost */
  readonly report: (error: unknown, by?: object) => void
  /** The broker answers; what it has refused to others it may refuse still. */
  readonly clear: (by?: object) => void
  /** `by` asks no more. */
  readonly forget: (by: object) => void
  readonly sentence: () => string | undefined
}

/** @param onChange told why nothing moves, once, and undefined when it does again */
export function createTrouble(
  onChange: (sentence: string | undefined) => void = () => undefined,
): Trouble {
  let lost: string | undefined
  let told: string | undefined
  const refused = new Map<object, string>()

  function sentence(): string | undefined {
    const [first] = refused.values()
    // What ends a connection says more than that it was closed.
    return lost ?? first
  }

  function tell(): void {
    const now = sentence()
    if ((now === undefined) !== (told === undefined)) onChange(now)
    told = now
  }

  return {
    report(error, by) {
      const why = troubleSentence(error)
      if (by === undefined) lost = why
      else refused.set(by, why)
      tell()
    },
    clear(by) {
      lost = undefined
      if (by !== undefined) refused.delete(by)
      tell()
    },
    forget(by) {
      refused.delete(by)
      tell()
    },
    sentence,
  }
}

/** What the broker or the way to it said, and what helps where that is known. */
function troubleSentence(error: unknown): string {
  const reason = toPrintable(error instanceof Error ? messageOf(error) : String(error))
  const advice = adviceFor(error)
  return `The queue does not answer: ${reason.replace(/\.$/, '')}.${advice === undefined ? '' : ` ${advice}`}`
}

/** Errors of several addresses have no message themselves. */
function messageOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return error.errors[0].message
  }
  // The driver's own words are about its options.
  if (error.name === 'MaxRetriesPerRequestError') return 'The connection was closed'
  return error.message === '' ? error.name : error.message
}
