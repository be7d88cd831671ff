// Replacing words. Regular expressions run in RE2's syntax on a machine without backtracking: no
// expression makes a run of thousands of pictures stand still.
import { RE2JS } from 're2js'
import { FlocapError } from '../../base/errors.ts'
import type { Replacement, TextRule } from './text-rules.ts'

/** Everywhere, as written. */
export function replaceText(text: string, from: string, to: string): string {
  return tidySpaces(text.replaceAll(from, () => to))
}

/** Steps of a compiled expression. Time is what a text has of characters times this. */
const MAX_PROGRAM = 1000

/**
 * `$1` in `to` is the first group.
 * @param field by which people know it.
 * @throws FlocapError `invalid_request` for a wrong expression, and for one that would take long.
 */
export function compileReplacement({ from, to }: Replacement, field: string): TextRule['apply'] {
  const pattern = compilePattern(from, field)
  if (pattern.programSize() > MAX_PROGRAM) {
    throw new FlocapError(
      'invalid_request',
      `Expected a regular expression of at most ${MAX_PROGRAM} steps for ${field}, got one of ${pattern.programSize()}.`,
      { subject: field, hint: 'Repeat fewer things fewer times: .{100} is a hundred steps.' },
    )
  }
  return (text) => {
    try {
      return tidySpaces(pattern.matcher(text).replaceAll(to))
    } catch (cause) {
      throw wrongPattern(`${to} with ${from}`, field, cause)
    }
  }
}

function compilePattern(from: string, field: string): RE2JS {
  try {
    return RE2JS.compile(from)
  } catch (cause) {
    throw wrongPattern(from, field, cause)
  }
}

function wrongPattern(from: string, field: string, cause: unknown): FlocapError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new FlocapError(
    'invalid_request',
    `Expected a regular expression for ${field}, got ${JSON.stringify(from)}: ${reason}.`,
    {
      subject: field,
      hint: 'The syntax is that of RE2: no look-around and no back-references.',
      cause,
    },
  )
}

/** A word that was taken out leaves no gap. */
function tidySpaces(text: string): string {
  return text
    .replaceAll(/ {2,}/g, ' ')
    .replaceAll(/ +([,.;:!?])/g, '$1')
    .trim()
}
