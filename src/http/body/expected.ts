// What a field may hold, in words: read from the schema itself, so that the sentence names the whole
// range and every type, not only the one rule that a value broke first.
import { z } from 'zod'

const Node = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
})
type Node = Omit<z.infer<typeof Node>, 'type'> & { readonly type?: string | undefined }

/** @returns what follows the word 'Expected' for the field at `path`, such as `a list of texts`. */
export function expectedAt(schema: z.ZodType, path: readonly PropertyKey[]): string {
  const words = [...new Set(nodesAt(schema, path).flatMap((node) => describe(node) ?? []))]
  return words.length === 0 ? 'another value' : words.join(' or ')
}

/** Names of the fields that an object at `path` may have. */
export function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  return nodesAt(schema, path).flatMap(({ properties }) => Object.keys(properties ?? {}))
}

function nodesAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly Node[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return path.reduce<readonly Node[]>(
    (found, key) => found.flatMap((node) => stepInto(node, key)),
    alternatives(root),
  )
}

/** A node, or what it is one of. That a field may be null, as all may in most dialects, is not said. */
function alternatives(json: unknown): readonly Node[] {
  const { data } = Node.safeParse(json)
  if (data === undefined) return []
  if (data.anyOf !== undefined) return data.anyOf.flatMap((each) => alternatives(each))
  return [data.type]
    .flat()
    .filter((type) => type !== 'null')
    .map((type) => ({ ...data, type }))
}

function stepInto(node: Node, key: PropertyKey): readonly Node[] {
  if (typeof key === 'number') return alternatives(node.items)
  return alternatives(node.properties?.[String(key)] ?? node.additionalProperties)
}

function describe(node: Node): string | undefined {
  if (node.const !== undefined) return JSON.stringify(node.const)
  if (node.enum !== undefined) {
    return node.enum
      .flatMap((value) => (value === null ? [] : [JSON.stringify(value)]))
      .join(' or ')
  }
  switch (node.type) {
    case 'integer':
      return `a whole number${range(node)}`
    case 'number':
      return `a number${range(node)}`
    case 'string':
      return `a text${lengths(node)}`
    case 'boolean':
      return 'true or false'
    case 'array':
      return describeList(node)
    case 'object':
      return 'an object'
    case undefined:
    default:
      return undefined
  }
}

function describeList({ items, minItems, maxItems }: Node): string {
  const kinds = [...new Set(alternatives(items).map(({ type }) => PLURALS.get(type ?? '')))]
  const named = kinds.length > 0 && !kinds.includes(undefined) ? kinds.join(' or ') : 'entries'
  if (minItems !== undefined && minItems === maxItems) return `a list of ${minItems} ${named}`
  if (maxItems !== undefined) return `a list of at most ${maxItems} ${named}`
  return named === 'entries' ? 'a list' : `a list of ${named}`
}

const PLURALS: ReadonlyMap<string, string> = new Map([
  ['string', 'texts'],
  ['number', 'numbers'],
  ['integer', 'whole numbers'],
  ['object', 'objects'],
  ['array', 'lists'],
])

function range({ minimum, exclusiveMinimum, maximum }: Node): string {
  const most = isBound(maximum) ? maximum : undefined
  if (exclusiveMinimum !== undefined) {
    return ` above ${exclusiveMinimum}${most === undefined ? '' : ` and at most ${most}`}`
  }
  if (!isBound(minimum)) return most === undefined ? '' : ` of at most ${most}`
  return most === undefined ? ` of at least ${minimum}` : ` from ${minimum} to ${most}`
}

/** Zod gives every whole number the bounds of a double, which say nothing. */
function isBound(limit: number | undefined): limit is number {
  return limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER
}

function lengths({ minLength = 0, maxLength }: Node): string {
  if (maxLength !== undefined) return ` of ${minLength} to ${maxLength} characters`
  return minLength > 0 ? ` of at least ${minLength} characters` : ''
}
