// How failures look on a terminal: one line that says what is wrong, one that says what to do.
import { inspect } from 'node:util'
import { type FlocapError, toFlocapError } from '../base/errors.ts'
import { toPrintable, toPrintableLines } from '../base/printable.ts'
import { spellCommands } from './invocation.ts'

/** Writes to standard error, so that standard output holds captions only. */
export function reportFailure(error: unknown, subject?: string): void {
  const failure = toFlocapError(error)
  const where = toPrintable(subject ?? fileOf(failure) ?? 'flocap')
  console.error(`${where}: ${toPrintableLines(failure.message)}`)
  if (failure.hint) console.error(`  ${toPrintableLines(spellCommands(failure.hint))}`)
  // An unexpected failure has no message worth acting on; its cause has.
  if (failure.code === 'internal_error' && failure.cause) {
    console.error(toPrintableLines(inspect(failure.cause)))
  }
}

/** A sentence about a file does not name it: where it goes on, the name stands in front. */
function fileOf({ code, subject }: FlocapError): string | undefined {
  return code === 'missing_image' ? subject : undefined
}
