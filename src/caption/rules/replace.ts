// Replacing words. Regular expressions run in RE2's syntax on a machine without backtracking: no
// expression makes a run of thousands of pictures stand still.
import { RE2JS } from 're2js'
import { FlocapError } from '../../base/errors.ts'
import type { TextRule } from './text-rules.ts'

/** Everywhere, as written. */
export function replaceText(text: string, from: string, to: string): string {
  return tidySpaces(text.replaceAll(from, () => to))
}

/** `$1` in `to` is the first group. @throws FlocapError `invalid_request` for a wrong expression. */
export function compileReplacement(from: string, to: string): TextRule['apply'] {
  try {
    const pattern = RE2JS.compile(from)
    return (text) => tidySpaces(pattern.matcher(text).replaceAll(to))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FlocapError(
      'invalid_request',
      `Expected a regular expression for --replace-regex, got ${JSON.stringify(from)}: ${reason}.`,
      {
        subject: '--replace-regex',
        hint: 'The syntax is that of RE2: no look-around and no back-references.',
        cause,
      },
    )
  }
}

/** A word that was taken out leaves no gap. */
function tidySpaces(text: string): string {
  return text
    .replaceAll(/ {2,}/g, ' ')
    .replaceAll(/ +([,.;:!?])/g, '$1')
    .trim()
}
