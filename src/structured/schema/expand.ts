// What a value must be, without anyOf, allOf and references: a list of alternatives, each a list of
// plain schemas that hold at the same time, for one JSON type.
import type { FlocapError } from '../../base/errors.ts'
import type { Json, JsonType, Schema, SchemaObject } from './json-schema.ts'
import { JSON_TYPES } from './json-schema.ts'
import { refuseSchema } from './refusal.ts'

/** Schemas that hold for one value at the same time, as they stand in the schema. */
export type Conjunction = readonly Schema[]

/** One way to satisfy a conjunction. */
export interface Alternative {
  readonly type: JsonType
  /** Their `$ref`, `allOf`, `anyOf` and `oneOf` are dealt with. */
  readonly layers: readonly SchemaObject[]
  /** Definitions that led here: one that comes again is a recursion. */
  readonly via: readonly string[]
}

/** Ways to satisfy one value. More than this no client sends; a few hostile lines make millions. */
const MAX_ALTERNATIVES = 64
/** Schemas looked at for one request, those that are looked at again included. */
const MAX_STEPS = 5_000

export class Expander {
  readonly #root: SchemaObject
  readonly #field: string
  #steps = 0

  constructor(root: SchemaObject, field: string) {
    this.#root = root
    this.#field = field
  }

  /** @throws FlocapError `invalid_schema` for one that is too branched, or refers to itself. */
  expand(schemas: Conjunction, path: string): readonly Alternative[] {
    const ways = this.#all(schemas, [], path)
    return ways.flatMap(({ layers, via }) =>
      typesOf(layers).map((type): Alternative => ({ type, layers, via })),
    )
  }

  refuse(path: string, why: string): FlocapError {
    return refuseSchema(this.#field, path, why)
  }

  /** Every way to satisfy all of these. */
  #all(schemas: readonly Schema[], via: readonly string[], path: string): Way[] {
    let ways: Way[] = [{ layers: [], via: [] }]
    for (const schema of schemas) {
      const next = this.#one(schema, via, path)
      ways = ways.flatMap((way) => next.map((other) => joinWays(way, other)))
      if (ways.length > MAX_ALTERNATIVES) {
        throw this.refuse(path, `can be more than ${MAX_ALTERNATIVES} different things.`)
      }
    }
    return ways
  }

  #one(schema: Schema, via: readonly string[], path: string): Way[] {
    this.#steps += 1
    if (this.#steps > MAX_STEPS) throw this.refuse(path, 'is too deeply entangled to be planned.')
    if (schema === true) return [{ layers: [], via }]
    if (schema === false) return []
    const { $ref, allOf = [], anyOf, oneOf } = schema
    const own: Way = { layers: [schema], via }
    const referred = $ref === undefined ? [] : [this.#follow($ref, via, path)]
    const parts: Way[][] = [
      [own],
      ...referred,
      ...allOf.map((each) => this.#one(each, via, path)),
      ...[anyOf, oneOf].flatMap((choices) =>
        choices === undefined ? [] : [choices.flatMap((each) => this.#one(each, via, path))],
      ),
    ]
    let ways: Way[] = [{ layers: [], via: [] }]
    for (const part of parts) {
      ways = ways.flatMap((way) => part.map((other) => joinWays(way, other)))
      if (ways.length > MAX_ALTERNATIVES) {
        throw this.refuse(path, `can be more than ${MAX_ALTERNATIVES} different things.`)
      }
    }
    return ways
  }

  #follow(reference: string, via: readonly string[], path: string): Way[] {
    if (via.includes(reference)) throw this.refuse(path, 'refers to itself without an end.')
    const target = this.#root.$defs?.[reference.slice('#/$defs/'.length)]
    if (target === undefined) throw new TypeError(`No definition ${reference}.`)
    return this.#one(target, [...via, reference], path)
  }
}

interface Way {
  readonly layers: readonly SchemaObject[]
  readonly via: readonly string[]
}

function joinWays(a: Way, b: Way): Way {
  return { layers: [...a.layers, ...b.layers], via: [...new Set([...a.via, ...b.via])] }
}

/** The types that all layers allow; where none names any, those that their keywords are about. */
function typesOf(layers: readonly SchemaObject[]): readonly JsonType[] {
  const allowed = JSON_TYPES.filter((type) => layers.every((layer) => allows(layer, type)))
  // Every integer is a number: one of them is enough to fill.
  const distinct =
    allowed.includes('integer') && allowed.includes('number')
      ? allowed.filter((type) => type !== 'integer')
      : allowed
  if (layers.some(({ type, enum: values }) => type ?? values)) return distinct
  const suited = distinct.filter((type) => layers.some((layer) => isAbout(layer, type)))
  return suited.length > 0 ? suited : distinct
}

function allows({ type, enum: values }: SchemaObject, wanted: JsonType): boolean {
  const typed =
    type === undefined || type.includes(wanted) || (wanted === 'integer' && type.includes('number'))
  return typed && (values === undefined || values.some((value) => isOfType(value, wanted)))
}

export function isOfType(value: Json, type: JsonType): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value === type
  }
}

const KEYWORDS: Partial<Record<JsonType, readonly (keyof SchemaObject)[]>> = {
  object: ['properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties'],
  array: ['items', 'prefixItems', 'minItems', 'uniqueItems'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
}

function isAbout(layer: SchemaObject, type: JsonType): boolean {
  return (KEYWORDS[type] ?? []).some((keyword) => layer[keyword] !== undefined)
}
