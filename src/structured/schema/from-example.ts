// A schema from an example answer, as prompts give one: `Respond with JSON exactly like {"labels": ...}`.
import type { Json, SchemaObject } from './json-schema.ts'

/** Examples whose value is the name of its type: `{"title": "string", "count": "integer"}`. */
const TYPE_NAMES: ReadonlyMap<string, SchemaObject> = new Map<string, SchemaObject>([
  ['string', { type: ['string'] }],
  ['text', { type: ['string'] }],
  ['number', { type: ['number'] }],
  ['float', { type: ['number'] }],
  ['integer', { type: ['integer'] }],
  ['int', { type: ['integer'] }],
  ['boolean', { type: ['boolean'] }],
  ['bool', { type: ['boolean'] }],
])

/** `low|medium|high`, as authors write an enum into an example. */
const CHOICES = /^[\w -]+(?:\s*\|\s*[\w -]+)+$/

/** A schema that asks for everything that the example has. */
export function schemaOfExample(example: Json): SchemaObject {
  if (example === null) return { type: ['string', 'null'] }
  if (typeof example === 'boolean') return { type: ['boolean'] }
  if (typeof example === 'number') return { type: ['number'], examples: [example] }
  if (typeof example === 'string') return schemaOfText(example)
  if (isList(example)) {
    const [first] = example
    return { type: ['array'], ...(first === undefined ? {} : { items: schemaOfExample(first) }) }
  }
  const properties = Object.entries(example).map(([name, value]): [string, SchemaObject] => [
    name,
    schemaOfExample(value),
  ])
  return {
    type: ['object'],
    properties: Object.fromEntries(properties),
    required: properties.map(([name]) => name),
  }
}

function schemaOfText(example: string): SchemaObject {
  const named = TYPE_NAMES.get(example.trim().toLowerCase())
  if (named !== undefined) return named
  if (CHOICES.test(example)) {
    return { type: ['string'], enum: example.split('|').map((choice) => choice.trim()) }
  }
  return { type: ['string'] }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
