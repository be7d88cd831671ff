// Fields that bind an answer to a grammar, a regular expression or a choice of texts, as llama.cpp,
// KoboldCpp, vLLM and SGLang take them. FloCap answers JSON schemas; an answer that ignored the rest
// would look as if it kept to it.
import { FlocapError } from '../../base/errors.ts'
import { showValue } from '../../base/show-value.ts'

const GRAMMAR_FIELDS = [
  'grammar',
  'guided_grammar',
  'guided_regex',
  'guided_choice',
  'regex',
  'ebnf',
  'choice',
] as const

/**
 * @param fields of a request, or of the object in it that holds such fields.
 * @param path of that object, such as `structured_outputs`; empty for the request itself.
 * @throws FlocapError `invalid_request` for one that is given.
 */
export function refuseGrammars(fields: Readonly<Record<string, unknown>>, path = ''): void {
  const name = GRAMMAR_FIELDS.find((field) => Object.hasOwn(fields, field) && asks(fields[field]))
  if (name === undefined) return
  const subject = path === '' ? name : `${path}.${name}`
  throw new FlocapError(
    'invalid_request',
    `Expected no ${subject}, got ${showValue(fields[name])}.`,
    {
      subject,
      hint: 'An answer can be bound to a JSON schema instead, in response_format.',
    },
  )
}

/** Clients write what is switched off as an empty text or list. */
function asks(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return false
  return !Array.isArray(value) || value.length > 0
}
