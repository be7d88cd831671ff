// Finding and replacing in captions, by the rules that runs apply to texts.
import { compileTextRules } from '../../caption/rules/text-rules.ts'

export interface Replacement {
  readonly from: string
  readonly to: string
  readonly regex: boolean
}

/** Matches nothing, which shows what else a rule does to a text. */
const NOTHING = String.raw`[^\s\S]`

/**
 * A caption in which nothing is found stays exactly as it is.
 * @throws FlocapError `invalid_request` for a wrong regular expression.
 */
export function compileReplacement({ from, to, regex }: Replacement): (text: string) => string {
  const [rule] = compileTextRules(
    regex ? { replaceRegex: [{ from, to }] } : { replace: [{ from, to }] },
  )
  const [idle] = compileTextRules({ replaceRegex: [{ from: NOTHING, to: '' }] })
  return (text) => {
    const after = rule?.apply(text) ?? text
    return after === idle?.apply(text) ? text : after
  }
}
