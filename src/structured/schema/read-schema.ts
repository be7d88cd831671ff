// A stranger's JSON schema, from any draft and any client's habits, to the one form FloCap works with.
//
// Definitions that are referred to, wherever they stand, move into one `$defs`; what is not referred
// to is not read. Unknown keywords are annotations and fall away, as the specification has it.
import { z } from 'zod'
import type { FlocapError } from '../../base/errors.ts'
import type { Json, JsonType, Schema, SchemaMap, SchemaObject } from './json-schema.ts'
import { JSON_TYPES } from './json-schema.ts'
import { compilePattern, MAX_PATTERN_LENGTH } from './patterns.ts'
import { joinPath, refuseSchema } from './refusal.ts'

/** The largest that clients were seen to send have some two hundred. */
const MAX_SCHEMAS = 1_000
/** Nesting of one answer; recursion ends long before. */
const MAX_DEPTH = 32

const count = z.int().min(0).exactOptional()
const number = z.number().exactOptional()
const text = z.string().exactOptional()
const json: z.ZodType<Json> = z.json()

/** The keywords that hold no schema. */
const Plain = z.object({
  title: text.catch(''),
  description: text.catch(''),
  examples: z.array(json).exactOptional().catch([]),
  type: z
    .union([z.enum(JSON_TYPES), z.array(z.enum(JSON_TYPES)).min(1)])
    .transform((types): JsonType[] => [types].flat())
    .exactOptional(),
  enum: z.array(json).min(1).exactOptional(),
  minLength: count,
  maxLength: count,
  pattern: text,
  format: text,
  minimum: number,
  maximum: number,
  exclusiveMinimum: z.union([z.number(), z.boolean()]).exactOptional(),
  exclusiveMaximum: z.union([z.number(), z.boolean()]).exactOptional(),
  multipleOf: z.number().positive().exactOptional(),
  minItems: count,
  maxItems: count,
  uniqueItems: z.boolean().exactOptional(),
  required: z.array(z.string()).exactOptional(),
  minProperties: count,
  maxProperties: count,
  minContains: count,
  maxContains: count,
  dependentRequired: z.record(z.string(), z.array(z.string())).exactOptional(),
})

/** Keywords whose schemas answers are checked with and not made from. */
const CHECKED = [
  'contains',
  'unevaluatedItems',
  'propertyNames',
  'unevaluatedProperties',
  'not',
  'if',
  'then',
  'else',
] as const

/** Half of a surrogate pair, which JSON can write and no UTF-8: the validator takes no such name. */
const HALF_CHARACTER = /\p{Surrogate}/u

/** Keywords that narrow an answer in ways that FloCap does not follow: dropping them would break it. */
const UNREAD = ['dependentSchemas', 'dependencies', '$dynamicRef', '$recursiveRef'] as const

const Members = z.record(z.string(), z.unknown())

/**
 * @param field where the schema stands in the request, for messages.
 * @throws FlocapError `invalid_schema` naming the property that cannot be read.
 */
export function readSchema(raw: unknown, field: string): SchemaObject {
  return new Reader(raw, field).read()
}

class Reader {
  readonly #raw: unknown
  readonly #field: string
  /** Pointer of a definition to its name in `$defs`. */
  readonly #names = new Map<string, string>()
  readonly #definitions: [string, Schema][] = []
  #schemas = 0

  constructor(raw: unknown, field: string) {
    this.#raw = raw
    this.#field = field
  }

  read(): SchemaObject {
    const root = this.#schema(this.#raw, '', 0)
    if (typeof root === 'boolean') {
      if (root) return {}
      throw this.#refuse('', 'is `false`, which no answer fits.')
    }
    if (this.#definitions.length === 0) return root
    return { ...root, $defs: Object.fromEntries(this.#definitions) }
  }

  #schema(raw: unknown, path: string, depth: number): Schema {
    if (typeof raw === 'boolean') return raw
    this.#schemas += 1
    if (this.#schemas > MAX_SCHEMAS) {
      throw this.#refuse(path, `makes the schema larger than ${MAX_SCHEMAS} subschemas.`)
    }
    if (depth > MAX_DEPTH) throw this.#refuse(path, `is nested deeper than ${MAX_DEPTH} levels.`)
    const members = this.#members(raw, path)
    const unread = UNREAD.find((keyword) => members[keyword] !== undefined)
    if (unread !== undefined) throw this.#refuse(path, `has ${unread}, which FloCap does not read.`)
    const plain = this.#plain(members, path)
    const schema = { ...plain, ...this.#subschemas(members, path, depth) }
    const untyped = members['nullable'] === true && schema.type === undefined
    return untyped ? { anyOf: [schema, { type: ['null'] }] } : schema
  }

  #members(raw: unknown, path: string): Readonly<Record<string, unknown>> {
    const kind = raw === null ? 'null' : Array.isArray(raw) ? 'an array' : `a ${typeof raw}`
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
      throw this.#refuse(path, `must be an object or a boolean, got ${kind}.`)
    }
    // JSON.parse makes an own property of this name, and everything behind it an inherited one.
    if (Object.hasOwn(raw, '__proto__')) throw this.#refuse(path, "has a member '__proto__'.")
    return Members.parse(raw)
  }

  #plain(members: Readonly<Record<string, unknown>>, path: string): SchemaObject {
    const result = Plain.safeParse(members)
    if (!result.success) {
      const keyword = String(result.error.issues[0]?.path[0] ?? '')
      const value = JSON.stringify(members[keyword])?.slice(0, 60)
      throw this.#refuse(path, `has a ${keyword} that cannot be used: ${value}.`)
    }
    const { exclusiveMinimum: _, exclusiveMaximum: __, title, description, ...rest } = result.data
    const plain: SchemaObject = {
      ...rest,
      ...(title === '' || title === undefined ? {} : { title }),
      ...(description === '' || description === undefined ? {} : { description }),
      ...readExclusive(result.data),
    }
    if (plain.pattern !== undefined) this.#assertPattern(plain.pattern, path)
    if (plain.required?.includes('__proto__')) {
      throw this.#refuse(path, "requires a property '__proto__'.")
    }
    return withNullable(withConst(plain, members), members)
  }

  #assertPattern(pattern: string, path: string): void {
    try {
      compilePattern(pattern)
    } catch {
      const shown = JSON.stringify(pattern.slice(0, 60))
      throw this.#refuse(
        path,
        pattern.length > MAX_PATTERN_LENGTH
          ? `has a pattern of more than ${MAX_PATTERN_LENGTH} characters.`
          : `has the pattern ${shown}, which is not a regular expression of RE2: lookarounds and back references are not run.`,
      )
    }
  }

  #subschemas(
    members: Readonly<Record<string, unknown>>,
    path: string,
    depth: number,
  ): SchemaObject {
    const one = (name: string, at = path) =>
      members[name] === undefined ? undefined : this.#schema(members[name], at, depth + 1)
    const list = (name: string, at = path) => this.#list(members[name], name, at, depth)
    const map = (name: string, at: (key: string) => string) =>
      this.#map(members[name], name, path, at, depth)
    const tuple = Array.isArray(members['items'])
    const inner = `${path}[]`
    const checked = (name: (typeof CHECKED)[number]) =>
      given(name, this.#checked(members[name], path, depth))
    return {
      ...given('$ref', this.#reference(members['$ref'], path)),
      ...given('items', tuple ? one('additionalItems', inner) : one('items', inner)),
      ...given('prefixItems', list(tuple ? 'items' : 'prefixItems', inner)),
      ...given(
        'properties',
        map('properties', (key) => joinPath(path, key)),
      ),
      ...given('patternProperties', this.#patternMap(members['patternProperties'], path, depth)),
      ...given('additionalProperties', one('additionalProperties', joinPath(path, '*'))),
      ...given('allOf', list('allOf')),
      ...given('anyOf', list('anyOf')),
      ...given('oneOf', list('oneOf')),
      ...CHECKED.map((name) => checked(name)).reduce((all, each) => ({ ...all, ...each }), {}),
    }
  }

  /**
   * A schema that answers are checked with and not made from. It may not refer to others: the planner
   * counts what following references costs, and it does not look in here.
   */
  #checked(raw: unknown, path: string, depth: number): Schema | undefined {
    if (raw === undefined) return undefined
    if (JSON.stringify(raw).includes('"$ref"')) {
      throw this.#refuse(path, 'has a $ref inside not, if, contains or propertyNames.')
    }
    return this.#schema(raw, path, depth + 1)
  }

  #list(raw: unknown, name: string, path: string, depth: number): Schema[] | undefined {
    if (raw === undefined) return undefined
    if (!Array.isArray(raw) || (raw.length === 0 && name !== 'items')) {
      throw this.#refuse(path, `has ${name}, which must be a list of schemas.`)
    }
    return raw.map((each: unknown) => this.#schema(each, path, depth + 1))
  }

  #map(
    raw: unknown,
    name: string,
    path: string,
    at: (key: string) => string,
    depth: number,
  ): SchemaMap | undefined {
    if (raw === undefined) return undefined
    const kind = typeof raw
    if (kind !== 'object' || raw === null || Array.isArray(raw)) {
      throw this.#refuse(path, `has ${name}, which must be an object of schemas.`)
    }
    return Object.fromEntries(
      Object.entries(this.#members(raw, path)).map(([key, each]) => {
        if (HALF_CHARACTER.test(key)) {
          throw this.#refuse(path, `has ${name} with half a character in a name.`)
        }
        return [key, this.#schema(each, at(key), depth + 1)]
      }),
    )
  }

  #patternMap(raw: unknown, path: string, depth: number): SchemaMap | undefined {
    const map = this.#map(raw, 'patternProperties', path, () => joinPath(path, '*'), depth)
    for (const pattern of Object.keys(map ?? {})) this.#assertPattern(pattern, path)
    return map
  }

  #reference(raw: unknown, path: string): string | undefined {
    if (raw === undefined) return undefined
    const shown = JSON.stringify(raw)?.slice(0, 60)
    if (typeof raw !== 'string' || !raw.startsWith('#')) {
      throw this.#refuse(path, `refers to ${shown}, which is outside of the schema.`)
    }
    let name = this.#names.get(raw)
    if (name === undefined) {
      name = `d${this.#names.size}`
      this.#names.set(raw, name)
      const target = findTarget(this.#raw, raw)
      if (target === undefined) throw this.#refuse(path, `refers to ${shown}, which is not there.`)
      this.#definitions.push([name, this.#schema(target, path, 0)])
    }
    return `#/$defs/${name}`
  }

  #refuse(path: string, why: string): FlocapError {
    return refuseSchema(this.#field, path, why)
  }
}

/** `#/$defs/Image`, `#`, or the name of an `$anchor`. */
function findTarget(root: unknown, reference: string): unknown {
  if (reference !== '#' && !reference.startsWith('#/')) return findAnchor(root, reference.slice(1))
  let target = root
  for (const step of reference.split('/').slice(1)) {
    const key = decodeStep(step)
    if (typeof target !== 'object' || target === null || !Object.hasOwn(target, key)) {
      return undefined
    }
    target = new Map<string, unknown>(Object.entries(target)).get(key)
  }
  return target
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return step
  }
}

function findAnchor(root: unknown, name: string): unknown {
  const pending: unknown[] = [root]
  for (;;) {
    const next = pending.pop()
    if (next === undefined) return undefined
    if (typeof next !== 'object' || next === null) continue
    if ('$anchor' in next && next.$anchor === name) return next
    pending.push(...Object.values(next))
  }
}

/** Draft 4 and OpenAPI 3.0 say `exclusiveMinimum: true` beside a `minimum`. */
function readExclusive({
  minimum,
  maximum,
  exclusiveMinimum,
  exclusiveMaximum,
}: z.output<typeof Plain>): SchemaObject {
  const least = exclusiveMinimum === true ? minimum : exclusiveMinimum
  const most = exclusiveMaximum === true ? maximum : exclusiveMaximum
  return {
    ...(typeof least === 'number' ? { exclusiveMinimum: least } : {}),
    ...(typeof most === 'number' ? { exclusiveMaximum: most } : {}),
  }
}

function withConst(schema: SchemaObject, members: Readonly<Record<string, unknown>>): SchemaObject {
  if (!Object.hasOwn(members, 'const')) return schema
  return { ...schema, enum: [json.parse(members['const'])] }
}

/** OpenAPI 3.0's way to allow null. */
function withNullable(
  schema: SchemaObject,
  members: Readonly<Record<string, unknown>>,
): SchemaObject {
  if (members['nullable'] !== true) return schema
  const { type, enum: values } = schema
  return {
    ...schema,
    ...(type === undefined || type.includes('null') ? {} : { type: [...type, 'null'] }),
    ...(values === undefined || values.includes(null) ? {} : { enum: [...values, null] }),
  }
}

function given<Name extends keyof SchemaObject>(
  name: Name,
  value: SchemaObject[Name] | undefined,
): SchemaObject {
  return value === undefined ? {} : { [name]: value }
}
