// Finding and replacing in captions, by the rules that runs apply to texts.
import { FlocapError } from '../../base/errors.ts'
import { compileTextRules, type TextRules } from '../../caption/rules/text-rules.ts'

export interface Replacement {
  readonly from: string
  readonly to: string
  readonly regex: boolean
}

/** Matches nothing, which shows what else a rule does to a text. */
const NOTHING = String.raw`[^\s\S]`

/**
 * A caption in which nothing is found stays exactly as it is.
 * @throws FlocapError `invalid_request` for a wrong regular expression, its subject `from`.
 */
export function compileReplacement({ from, to, regex }: Replacement): (text: string) => string {
  const [rule] = compileRule(
    regex ? { replaceRegex: [{ from, to }] } : { replace: [{ from, to }] },
    from,
  )
  const [idle] = compileTextRules({ replaceRegex: [{ from: NOTHING, to: '' }] })
  return (text) => {
    const after = rule?.apply(text) ?? text
    return after === idle?.apply(text) ? text : after
  }
}

/** An error of it speaks of a page's field, not of an option of the command line. */
function compileRule(rules: TextRules, from: string): ReturnType<typeof compileTextRules> {
  try {
    return compileTextRules(rules)
  } catch (error) {
    if (!(error instanceof FlocapError)) throw error
    const reason = error.cause instanceof Error ? error.cause.message : error.message
    throw new FlocapError(
      'invalid_request',
      `Expected a regular expression to find, got ${JSON.stringify(from)}: ${reason}.`,
      { subject: 'from', hint: error.hint ?? '', cause: error.cause },
    )
  }
}
