// From a schema to the plan of its answers. What no answer can satisfy is refused here, before a
// model runs.
import {
  greatest,
  itemSchemas,
  least,
  membersOf,
  prefixLength,
  propertyNames,
  propertySchemas,
  requiredOf,
} from '../schema/constraints.ts'
import { Expander, type Alternative, type Conjunction } from '../schema/expand.ts'
import type { JsonType, Schema, SchemaObject } from '../schema/json-schema.ts'
import { joinPath } from '../schema/refusal.ts'
import { leastSize } from './least-size.ts'
import type { ArraySlot, NumberSlot, ObjectSlot, PropertySlot, Slot } from './slot.ts'
import { readTopic, type Naming, type Scope, type Topic } from './topic.ts'

/** Why there can be no value: an optional property is left out then, a list stays empty. */
interface Impossible {
  readonly kind: 'impossible'
  readonly path: string
  readonly why: string
}

interface Place {
  readonly path: string
  readonly naming: Omit<Naming, 'hints'>
  /** Definitions that the values around this one came from. */
  readonly trail: readonly string[]
}

/** Where items begin to be about one finding each. */
const FINDING_SUBJECTS: ReadonlySet<Topic['subject']> = new Set([
  'tags',
  'text',
  'box',
  'confidence',
])

/** @throws FlocapError `invalid_schema` naming the property that no value can be given. */
export function planSlots(root: SchemaObject, field: string): Slot {
  const planner = new Planner(new Expander(root, field))
  return planner.plan(root)
}

class Planner {
  readonly #expander: Expander

  constructor(expander: Expander) {
    this.#expander = expander
  }

  plan(root: SchemaObject): Slot {
    const slot = this.#slot([root], { path: '', naming: { name: '', scope: 'picture' }, trail: [] })
    if (slot.kind === 'impossible') throw this.#expander.refuse(slot.path, slot.why)
    if (leastSize(slot) > MAX_LEAST_SIZE) {
      const why = `asks for an answer of more than ${MAX_LEAST_SIZE} characters.`
      throw this.#expander.refuse('', why)
    }
    return slot
  }

  #slot(schemas: Conjunction, place: Place): Slot | Impossible {
    const alternatives = this.#expander.expand(schemas, place.path)
    const outcomes = sortNaturally(alternatives, place).map((each) => this.#way(each, place))
    const ways = outcomes.filter((each) => each.kind !== 'impossible')
    const [only] = ways
    if (only === undefined) {
      const deepest = outcomes
        .filter((each) => each.kind === 'impossible')
        .toSorted((a, b) => b.path.length - a.path.length)[0]
      return deepest ?? impossible(place.path, 'can have no value: its parts exclude each other.')
    }
    const exclusive = alternatives.some(({ layers }) => layers.some(({ oneOf }) => oneOf))
    if (ways.length === 1 && !exclusive) return only
    return { kind: 'choice', path: place.path, ways, also: exclusive ? schemas : [] }
  }

  #way({ type, layers, via }: Alternative, place: Place): Slot | Impossible {
    const { path } = place
    if (via.some((reference) => place.trail.includes(reference))) {
      return impossible(path, 'contains itself without an end.')
    }
    const inner = { ...place, trail: [...place.trail, ...via] }
    const topic = settle(readTopic({ ...place.naming, hints: hintsOf(layers) }, type), place, {
      type,
      item: type === 'array' ? this.#expander.expand(orText(itemSchemas(layers, 0)), path) : [],
    })
    const members = membersOf(layers, type)
    if (members?.length === 0)
      return impossible(path, 'can have no value: its enums have nothing in common.')
    switch (type) {
      case 'null':
        return { kind: 'null', path }
      case 'boolean':
        return { kind: 'boolean', path, topic, layers, members }
      case 'string':
        return this.#string(layers, topic, path)
      case 'number':
      case 'integer':
        return this.#number(layers, topic, path, type === 'integer')
      case 'array':
        return this.#array(layers, topic, inner)
      case 'object':
        return this.#object(layers, topic, inner)
    }
  }

  #string(layers: readonly SchemaObject[], topic: Topic, path: string): Slot | Impossible {
    const minLength = greatest(layers, 'minLength') ?? 0
    const maxLength = least(layers, 'maxLength')
    if (maxLength !== undefined && minLength > maxLength) {
      return impossible(path, `asks for at least ${minLength} and at most ${maxLength} characters.`)
    }
    if (minLength > MAX_TEXT) {
      return impossible(
        path,
        `asks for a text of ${minLength} characters, and FloCap gives ${MAX_TEXT} at most.`,
      )
    }
    const members = membersOf(layers, 'string')
    return { kind: 'string', path, topic, layers, members, minLength, maxLength }
  }

  #number(
    layers: readonly SchemaObject[],
    topic: Topic,
    path: string,
    integer: boolean,
  ): NumberSlot | Impossible {
    const range = {
      minimum: greatest(layers, 'minimum'),
      maximum: least(layers, 'maximum'),
      exclusiveMinimum: greatest(layers, 'exclusiveMinimum'),
      exclusiveMaximum: least(layers, 'exclusiveMaximum'),
      steps: layers.flatMap(({ multipleOf }) => multipleOf ?? []),
    }
    const low = Math.max(range.minimum ?? -Infinity, range.exclusiveMinimum ?? -Infinity)
    const high = Math.min(range.maximum ?? Infinity, range.exclusiveMaximum ?? Infinity)
    if (low > high) return impossible(path, `asks for at least ${low} and at most ${high}.`)
    const members = membersOf(layers, integer ? 'integer' : 'number')
    return { kind: 'number', path, topic, layers, members, integer, range }
  }

  #array(layers: readonly SchemaObject[], topic: Topic, place: Place): ArraySlot | Impossible {
    const path = `${place.path}[]`
    const minItems = greatest(layers, 'minItems') ?? 0
    const maxItems = least(layers, 'maxItems') ?? Infinity
    if (minItems > maxItems) {
      return impossible(place.path, `asks for at least ${minItems} and at most ${maxItems} items.`)
    }
    if (minItems > MAX_ITEMS) {
      return impossible(
        place.path,
        `asks for ${minItems} items, and FloCap gives ${MAX_ITEMS} at most.`,
      )
    }
    const scope: Scope = FINDING_SUBJECTS.has(topic.subject) ? 'finding' : place.naming.scope
    const naming = { name: '', parent: topic, scope }
    const plan = (index: number) =>
      this.#slot(orText(itemSchemas(layers, index)), { path, naming, trail: place.trail })
    const prefix = Math.min(prefixLength(layers), maxItems)
    const first: Slot[] = []
    for (let index = 0; index < prefix; index += 1) {
      const slot = plan(index)
      if (slot.kind === 'impossible') {
        if (index < minItems) return slot
        break
      }
      first.push(slot)
    }
    const item = maxItems > prefix ? plan(prefix) : undefined
    if (item?.kind === 'impossible' && minItems > first.length) return item
    return {
      kind: 'array',
      path: place.path,
      topic,
      layers,
      first,
      item: item === undefined || item.kind === 'impossible' ? undefined : item,
      minItems,
      maxItems: Math.min(maxItems, MAX_ITEMS),
      unique: layers.some(({ uniqueItems }) => uniqueItems === true),
    }
  }

  #object(layers: readonly SchemaObject[], topic: Topic, place: Place): ObjectSlot | Impossible {
    const required = requiredOf(layers)
    const properties: PropertySlot[] = []
    for (const name of propertyNames(layers)) {
      const slot = this.#property(propertySchemas(layers, name), name, topic, place)
      if (slot.kind !== 'impossible') {
        properties.push({ name, slot, required: required.has(name) })
      } else if (required.has(name)) {
        return slot
      }
    }
    const minProperties = greatest(layers, 'minProperties') ?? 0
    const maxProperties = least(layers, 'maxProperties') ?? Infinity
    if (minProperties > maxProperties || required.size > maxProperties) {
      return impossible(place.path, `asks for more than its maxProperties, ${maxProperties}.`)
    }
    if (minProperties > MAX_ITEMS) {
      return impossible(
        place.path,
        `asks for ${minProperties} properties, and FloCap gives ${MAX_ITEMS} at most.`,
      )
    }
    const open = this.#open(layers, topic, place, minProperties > properties.length)
    if (place.path === '' && properties.length === 0 && allowsAny(layers)) {
      const slot = this.#property(TEXT, DEFAULT_PROPERTY, topic, place)
      if (slot.kind !== 'impossible') {
        properties.push({ name: DEFAULT_PROPERTY, slot, required: false })
      }
    }
    if (open === undefined && properties.length < minProperties) {
      return impossible(
        place.path,
        `asks for ${minProperties} properties and has ${properties.length}.`,
      )
    }
    const { path } = place
    return { kind: 'object', path, topic, layers, properties, open, minProperties, maxProperties }
  }

  #property(schemas: Conjunction, name: string, topic: Topic, place: Place): Slot | Impossible {
    const { scope } = place.naming
    return this.#slot(schemas, {
      path: joinPath(place.path, name),
      naming: { name, parent: topic, scope },
      trail: place.trail,
    })
  }

  /** The values of names that the answer may choose: `{"additionalProperties": {"type": "number"}}`. */
  #open(
    layers: readonly SchemaObject[],
    topic: Topic,
    place: Place,
    needed: boolean,
  ): Slot | undefined {
    const named = layers.flatMap((layer): Schema[] => {
      const patterns = Object.values(layer.patternProperties ?? {})
      if (patterns.length > 0) return patterns.slice(0, 1)
      return layer.additionalProperties === undefined ? [] : [layer.additionalProperties]
    })
    const schemas = named.some((schema) => typeof schema === 'object') ? named : []
    if (named.includes(false) || (schemas.length === 0 && !needed)) return undefined
    const vague = topic.subject === 'unknown' || topic.subject === 'generic'
    const slot = this.#slot(orText(schemas), {
      path: joinPath(place.path, '*'),
      naming: { name: '', parent: vague ? { ...topic, subject: 'tags' } : topic, scope: 'finding' },
      trail: place.trail,
    })
    return slot.kind === 'impossible' ? undefined : slot
  }
}

/**
 * Names that say nothing are understood by what they hold: a root is the answer itself, a list of texts
 * is one of tags, and a list of objects with a label or a box is one of findings.
 */
function settle(
  topic: Topic,
  { path }: Place,
  { type, item }: { readonly type: JsonType; readonly item: readonly Alternative[] },
): Topic {
  const opaque = topic.subject === 'generic' || (topic.subject === 'unknown' && path === '')
  if (type === 'string') return opaque ? { ...topic, subject: 'generic' } : topic
  if (type !== 'array') return topic
  if (opaque && item.some((each) => each.type === 'string')) return { ...topic, subject: 'tags' }
  const vague = opaque || topic.subject === 'unknown'
  return vague && item.some(isFinding) ? { ...topic, subject: 'tags' } : topic
}

function isFinding({ type, layers }: Alternative): boolean {
  return (
    type === 'object' &&
    propertyNames(layers).some((name) => {
      const { subject } = readTopic({ name, hints: [], scope: 'picture' }, 'array')
      return subject === 'box' || subject === 'tags' || subject === 'confidence'
    })
  )
}

/** For a root that names no properties. */
const DEFAULT_PROPERTY = 'caption'

const TEXT: Conjunction = [{ type: ['string'] }]

/** What may be anything is a text: the least that a program can show. */
function orText(schemas: Conjunction): Conjunction {
  return schemas.length === 0 ? TEXT : schemas
}

function allowsAny(layers: readonly SchemaObject[]): boolean {
  return layers.every(
    ({ additionalProperties = true, patternProperties, propertyNames: names }) =>
      additionalProperties === true && patternProperties === undefined && names === undefined,
  )
}

/** Findings on one picture are some dozens at most. */
const MAX_ITEMS = 1_000
/** Some times what a model writes at most. */
const MAX_TEXT = 10_000
/** A thousand findings with all that belongs to them. */
const MAX_LEAST_SIZE = 200_000

function impossible(path: string, why: string): Impossible {
  return { kind: 'impossible', path, why }
}

function hintsOf(layers: readonly SchemaObject[]): string[] {
  return [
    ...layers.flatMap(({ title }) => title ?? []),
    ...layers.flatMap(({ description }) => description ?? []),
  ]
}

/** The type that a value of this kind has by nature first, null last. */
function sortNaturally(alternatives: readonly Alternative[], place: Place): readonly Alternative[] {
  const rank = ({ type, layers }: Alternative): number => {
    const { subject } = readTopic({ ...place.naming, hints: hintsOf(layers) }, type)
    if (type === 'null') return 9
    // Who asks for JSON expects an object.
    if (place.path === '' && type === 'object') return -1
    return NATURAL[subject]?.includes(type) === false ? 5 : 0
  }
  return alternatives.toSorted((a, b) => rank(a) - rank(b))
}

const NATURAL: Partial<Record<Topic['subject'], readonly JsonType[]>> = {
  alt: ['string'],
  title: ['string'],
  caption: ['string'],
  text: ['string'],
  generic: ['string', 'object'],
  unknown: ['string', 'object'],
  orientation: ['string'],
  tags: ['array', 'object'],
  pictures: ['array'],
  box: ['array', 'object'],
  count: ['integer', 'number'],
  confidence: ['number', 'integer'],
  presence: ['boolean'],
}
