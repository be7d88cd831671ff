// What a validator finds wrong with an answer, in our words: its own English never leaves.
import type { ErrorObject } from 'ajv/dist/2020.js'

/** @returns what follows 'it', such as `has fewer than 3 entries`. */
export function complaintOf({ keyword, params }: ErrorObject): string {
  const word = WORDS.get(keyword)
  return word?.(params) ?? `does not fit '${keyword}'`
}

type Params = Readonly<Record<string, unknown>>

/** By the keywords of JSON Schema 2020-12, section 6 of its validation part and 10 of its core. */
const WORDS: ReadonlyMap<string, (params: Params) => string> = new Map<
  string,
  (params: Params) => string
>([
  ['type', ({ type }) => `is no ${[type].flat().map(String).join(' or ')}`],
  ['enum', () => 'is none of the listed values'],
  ['minLength', ({ limit }) => `has fewer than ${count(limit, 'character')}`],
  ['maxLength', ({ limit }) => `has more than ${count(limit, 'character')}`],
  ['pattern', () => 'does not match the pattern'],
  ['format', ({ format }) => `has not the format '${String(format)}'`],
  ['minimum', ({ limit }) => `is less than ${String(limit)}`],
  ['maximum', ({ limit }) => `is more than ${String(limit)}`],
  ['exclusiveMinimum', ({ limit }) => `is not more than ${String(limit)}`],
  ['exclusiveMaximum', ({ limit }) => `is not less than ${String(limit)}`],
  ['multipleOf', ({ multipleOf }) => `is no multiple of ${String(multipleOf)}`],
  ['minItems', ({ limit }) => `has fewer than ${count(limit, 'entry', 'entries')}`],
  ['maxItems', ({ limit }) => `has more than ${count(limit, 'entry', 'entries')}`],
  ['uniqueItems', () => 'has an entry twice'],
  [
    'contains',
    ({ minContains }) => `has fewer than ${String(minContains)} of what 'contains' describes`,
  ],
  ['minProperties', ({ limit }) => `has fewer than ${count(limit, 'property', 'properties')}`],
  ['maxProperties', ({ limit }) => `has more than ${count(limit, 'property', 'properties')}`],
  ['required', ({ missingProperty }) => `lacks '${String(missingProperty)}'`],
  ['dependentRequired', ({ missingProperty }) => `lacks '${String(missingProperty)}'`],
  [
    'additionalProperties',
    ({ additionalProperty }) => `must not have '${String(additionalProperty)}'`,
  ],
  [
    'unevaluatedProperties',
    ({ unevaluatedProperty }) => `must not have '${String(unevaluatedProperty)}'`,
  ],
  [
    'propertyNames',
    ({ propertyName }) => `must not have a property called '${String(propertyName)}'`,
  ],
  ['anyOf', () => 'fits none of the alternatives'],
  [
    'oneOf',
    ({ passingSchemas }) =>
      passingSchemas === null ? 'fits none of the alternatives' : 'fits more than one alternative',
  ],
  ['not', () => "is what 'not' excludes"],
  ['false schema', () => 'may have no value at all'],
])

function count(limit: unknown, one: string, many = `${one}s`): string {
  return `${String(limit)} ${limit === 1 ? one : many}`
}
