// The plan of an answer: a tree of the places that values go to, with what each may hold and what it
// is about. Made from a schema once, filled for each picture.
import type { Conjunction } from '../schema/expand.ts'
import type { Json, SchemaObject } from '../schema/json-schema.ts'
import type { Topic } from './topic.ts'

interface Place {
  /** `tags[].name`; empty for the root. */
  readonly path: string
  readonly topic: Topic
  readonly layers: readonly SchemaObject[]
}

/** One of several ways, best first. */
export interface ChoiceSlot {
  readonly kind: 'choice'
  readonly path: string
  readonly ways: readonly Slot[]
  /** What a value of any way must fit too: `oneOf` allows no two at once. */
  readonly also: Conjunction
}

export interface PropertySlot {
  readonly name: string
  readonly required: boolean
  readonly slot: Slot
}

export interface ObjectSlot extends Place {
  readonly kind: 'object'
  readonly properties: readonly PropertySlot[]
  /** For names that the schema leaves open: a value for each thing found. */
  readonly open: Slot | undefined
  readonly minProperties: number
  readonly maxProperties: number
}

export interface ArraySlot extends Place {
  readonly kind: 'array'
  /** Items with a place of their own, before all others. */
  readonly first: readonly Slot[]
  readonly item: Slot | undefined
  readonly minItems: number
  readonly maxItems: number
  readonly unique: boolean
}

export interface StringSlot extends Place {
  readonly kind: 'string'
  readonly members: readonly Json[] | undefined
  readonly minLength: number
  readonly maxLength: number | undefined
}

export interface NumberSlot extends Place {
  readonly kind: 'number'
  readonly members: readonly Json[] | undefined
  readonly integer: boolean
  readonly range: NumberRange
}

export interface NumberRange {
  readonly minimum: number | undefined
  readonly maximum: number | undefined
  readonly exclusiveMinimum: number | undefined
  readonly exclusiveMaximum: number | undefined
  readonly steps: readonly number[]
}

export interface BooleanSlot extends Place {
  readonly kind: 'boolean'
  readonly members: readonly Json[] | undefined
}

export interface NullSlot {
  readonly kind: 'null'
  readonly path: string
}

export type Slot =
  | ChoiceSlot
  | ObjectSlot
  | ArraySlot
  | StringSlot
  | NumberSlot
  | BooleanSlot
  | NullSlot
