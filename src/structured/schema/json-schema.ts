// A JSON schema as FloCap reads it: draft 2020-12 with what is hostile, unknown or of older drafts
// taken out. `read-schema.ts` makes it; the planner and the validator read the same one.
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json }

export const JSON_TYPES = [
  'string',
  'array',
  'object',
  'integer',
  'number',
  'boolean',
  'null',
] as const

export type JsonType = (typeof JSON_TYPES)[number]

export type Schema = boolean | SchemaObject

export type SchemaMap = Readonly<Record<string, Schema>>

/** Keywords as in the specification; `const` has become an `enum` of one. */
export interface SchemaObject {
  /** `#/$defs/` and a name of the root's `$defs`. */
  readonly $ref?: string
  readonly $defs?: SchemaMap
  readonly title?: string
  readonly description?: string
  /** Values that the author gave as examples: they tell the scale of a number. */
  readonly examples?: readonly Json[]
  readonly type?: readonly JsonType[]
  readonly enum?: readonly Json[]

  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string

  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number

  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean

  readonly properties?: SchemaMap
  readonly patternProperties?: SchemaMap
  readonly additionalProperties?: Schema
  readonly required?: readonly string[]
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly propertyNames?: Schema
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>

  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]

  // Only checked, never planned for.
  readonly not?: Schema
  readonly if?: Schema
  readonly then?: Schema
  readonly else?: Schema
  readonly contains?: Schema
  readonly minContains?: number
  readonly maxContains?: number
  readonly unevaluatedProperties?: Schema
  readonly unevaluatedItems?: Schema
}
