// GitHub's expressions, evaluated by GitHub's own library: `if:` conditions and `${{ }}` in texts.
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'

/** `github`, `env`, `matrix` and so on, as JSON. */
export type Contexts = Readonly<Record<string, unknown>>

/** A condition; `${{ }}` around it may be left out. */
export function isTrue(condition: string, contexts: Contexts): boolean {
  const [, inner] = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(condition) ?? []
  const value = evaluate(inner ?? condition, contexts)
  return value !== '' && value !== 'false' && value !== '0'
}

/** A text with its expressions replaced by their values. */
export function expand(text: string, contexts: Contexts): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    evaluate(expression, contexts),
  )
}

/** @throws Error for what GitHub would refuse. */
function evaluate(expression: string, contexts: Contexts): string {
  const { tokens } = new Lexer(expression.trim()).lex()
  const parsed = new Parser(tokens, Object.keys(contexts), []).parse()
  const known: unknown = JSON.parse(JSON.stringify(contexts), data.reviver)
  if (!(known instanceof data.Dictionary)) throw new TypeError('Expected contexts as an object.')
  return new Evaluator(parsed, known).evaluate().coerceString()
}
