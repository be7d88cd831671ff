// Regular expressions of a stranger: run by RE2's rules, in time that grows with the text and not with
// the pattern's tricks. Lookarounds and back references are what that excludes.
import { RE2JS } from 're2js'

/** Longer ones compile to large programs; real ones have some dozens of characters. */
export const MAX_PATTERN_LENGTH = 1_000

export interface SafePattern {
  test(text: string): boolean
  /** The pattern: the validator tells one from another by it. */
  toString(): string
}

/** Finds `pattern` anywhere in a text, as JSON Schema asks. @throws Error for one that RE2 refuses. */
export function compilePattern(pattern: string): SafePattern {
  if (pattern.length > MAX_PATTERN_LENGTH) throw new RangeError('The pattern is too long.')
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern))
  return { test: (text) => compiled.matcher(text).find(), toString: () => pattern }
}
