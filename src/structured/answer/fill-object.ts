// Objects: what is required always, what is optional where something is known of it.
import type { ObjectSlot } from '../plan/slot.ts'
import type { Json } from '../schema/json-schema.ts'
import { compilePattern } from '../schema/patterns.ts'
import type { Context } from './context.ts'
import type { Fill } from './fill.ts'
import { isUnfit, unfit, type Filled, type Outcome } from './filled.ts'
import { spellings } from './spellings.ts'

export function fillObject(slot: ObjectSlot, context: Context, fill: Fill): Outcome {
  const filled = new Map<string, Filled>()
  for (const { name, required, slot: property } of slot.properties) {
    const outcome = fill(property, context)
    if (!isUnfit(outcome)) filled.set(name, outcome)
    else if (required) return outcome
  }
  const chosen = chooseNames(slot, filled)
  const missing = [...filled].filter(([name]) => !chosen.has(name))
  const members: [string, Filled][] = [...filled].filter(([name]) => chosen.has(name))
  if (slot.properties.length === 0 || members.length < slot.minProperties) {
    members.push(...openMembers(slot, members, context, fill))
  }
  if (members.length < slot.minProperties) {
    return unfit(
      slot.path,
      `asks for ${slot.minProperties} properties, and there are ${members.length}.`,
    )
  }
  return {
    value: Object.fromEntries(members.map(([name, { value }]): [string, Json] => [name, value])),
    known: members.some(([, each]) => each.known),
    unanswered: [...members, ...missing].flatMap(([, each]) => each.unanswered),
  }
}

/** In the order of the schema. */
function chooseNames(
  { properties, layers, minProperties, maxProperties }: ObjectSlot,
  filled: ReadonlyMap<string, Filled>,
): ReadonlySet<string> {
  const required = properties.filter((each) => each.required).map(({ name }) => name)
  const optional = properties.filter((each) => !each.required).map(({ name }) => name)
  const tells = (name: string) => filled.get(name)?.known === true
  const wanted = [
    ...required,
    ...optional.filter(tells),
    // Only where the object has to have more properties than anything is known of.
    ...optional
      .filter((name) => !tells(name))
      .slice(0, Math.max(0, minProperties - required.length)),
  ].filter((name) => filled.has(name))
  const chosen = new Set<string>()
  for (const name of wanted) {
    const enough = chosen.size >= minProperties && !required.includes(name) && !tells(name)
    const bundle = withDependents(name, layers, chosen)
    if (enough || chosen.size + bundle.length > maxProperties) continue
    if (bundle.every((each) => filled.has(each))) for (const each of bundle) chosen.add(each)
  }
  return chosen
}

/** A property and those that have to be there with it. */
function withDependents(
  name: string,
  layers: ObjectSlot['layers'],
  chosen: ReadonlySet<string>,
): readonly string[] {
  const bundle = [name]
  for (const each of bundle) {
    for (const { dependentRequired } of layers) {
      if (dependentRequired === undefined || !Object.hasOwn(dependentRequired, each)) continue
      for (const other of dependentRequired[each] ?? [])
        if (!bundle.includes(other)) bundle.push(other)
    }
  }
  return bundle.filter((each) => !chosen.has(each))
}

/** `{"anchor": 0.98, "trophy": 0.95}`: a member for each thing, where the schema leaves names open. */
function openMembers(
  slot: ObjectSlot,
  given: readonly (readonly [string, Filled])[],
  { pictures }: Context,
  fill: Fill,
): [string, Filled][] {
  const { open, layers, minProperties, maxProperties, path } = slot
  if (open === undefined) return []
  const taken = new Set(given.map(([name]) => name))
  const members: [string, Filled][] = []
  const add = (label: string, value: Outcome): void => {
    const name = spellings(label).find((each) => isAllowed(layers, each) && !taken.has(each))
    if (name === undefined || isUnfit(value) || taken.size >= maxProperties) return
    taken.add(name)
    members.push([name, value])
  }
  for (const picture of pictures) {
    for (const found of picture.tags) {
      const value = fill(open, { pictures: [picture], found })
      if (!isUnfit(value) && value.known && !taken.has(found.label)) add(found.label, value)
    }
  }
  for (let index = 0; taken.size < minProperties && index < 2 * minProperties; index += 1) {
    const value = fill(open, { pictures: [], index })
    if (isUnfit(value)) break
    for (const label of [`unknown ${index + 1}`, 'a'.repeat(index + 1), String(index)]) {
      if (taken.size < minProperties)
        add(label, { ...value, unanswered: [path === '' ? '(root)' : path] })
    }
  }
  return members
}

/** Whether the answer may have a property of this name that the schema does not list. */
function isAllowed(layers: ObjectSlot['layers'], name: string): boolean {
  const named = layers.some(
    ({ patternProperties, propertyNames }) => patternProperties ?? propertyNames,
  )
  if (!named) return true
  return layers.every(({ patternProperties, additionalProperties, propertyNames }) => {
    const patterns = Object.keys(patternProperties ?? {})
    const matches = patterns.some((pattern) => compilePattern(pattern).test(name))
    const rule = typeof propertyNames === 'object' ? propertyNames : {}
    return (
      (patterns.length === 0 || matches || (additionalProperties !== false && name !== '')) &&
      (rule.pattern === undefined || compilePattern(rule.pattern).test(name)) &&
      name.length >= (rule.minLength ?? 0) &&
      name.length <= (rule.maxLength ?? Infinity) &&
      (rule.enum === undefined || rule.enum.includes(name))
    )
  })
}
