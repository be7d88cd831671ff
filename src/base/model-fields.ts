// Fields of a model's JSON files: parsed with a schema, and named in words when they do not fit.
import type { z } from 'zod'
import { FlocapError } from './errors.ts'
import { showValue } from './show-value.ts'

export interface FieldPlace {
  /** Such as `config.json`. */
  readonly file: string
  /** Where in the file the parsed value is; empty, the default, for the whole of it. */
  readonly path?: readonly string[]
}

/** @throws FlocapError `invalid_model` that names the file, the field, what fits and what came. */
export function parseModelFields<T extends z.ZodType>(
  schema: T,
  json: unknown,
  { file, path = [] }: FieldPlace,
): z.output<T> {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const inside = issue?.path.map(String) ?? []
  const expected = issue === undefined ? 'another value' : expectedBy(issue)
  throw invalidField(file, [...path, ...inside].join('.'), expected, valueAt(json, inside), {
    cause: parsed.error,
  })
}

/**
 * The error for a value that no schema refuses by itself.
 *
 * @param field its path in the file, joined with dots; empty for the whole file
 * @param expected what fits, to follow the word 'Expected'
 */
export function invalidField(
  file: string,
  field: string,
  expected: string,
  value: unknown,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): FlocapError {
  const place = field === '' ? file : `${field} of ${file}`
  return new FlocapError(
    'invalid_model',
    `Expected ${expected} for ${place}, got ${showValue(value)}.`,
    { subject: field === '' ? file : `${file}: ${field}`, ...options },
  )
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_big':
      return issue.origin === 'array'
        ? `at most ${issue.maximum} entries`
        : `at most ${issue.maximum}`
    case 'too_small': {
      if (issue.origin === 'array') return `at least ${issue.minimum} entries`
      return issue.inclusive === false ? `more than ${issue.minimum}` : `at least ${issue.minimum}`
    }
    case 'invalid_type':
      return `${article(issue.expected)} ${issue.expected}`
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ')
    case 'invalid_union':
      return issue.errors
        .flatMap(([first]) => (first === undefined ? [] : [expectedBy(first)]))
        .join(' or ')
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return issue.message
  }
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? 'an' : 'a'
}

function valueAt(json: unknown, path: readonly string[]): unknown {
  let value = json
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.entries(value).find(([name]) => name === key)?.[1]
  }
  return value
}
