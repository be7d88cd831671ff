// What several schemas ask of one value together: the narrowest of each bound.
import type { Json, Schema, SchemaObject } from './json-schema.ts'
import { isOfType } from './expand.ts'
import { compilePattern } from './patterns.ts'
import type { JsonType } from './json-schema.ts'

type Layers = readonly SchemaObject[]

type NumericKeyword = {
  [Name in keyof SchemaObject]-?: SchemaObject[Name] extends number | undefined ? Name : never
}[keyof SchemaObject]

/** The greatest of the lower bounds; undefined where there is none. */
export function greatest(layers: Layers, keyword: NumericKeyword): number | undefined {
  return valuesOf(layers, keyword).reduce<number | undefined>(
    (most, value) => (most === undefined ? value : Math.max(most, value)),
    undefined,
  )
}

/** The least of the upper bounds. */
export function least(layers: Layers, keyword: NumericKeyword): number | undefined {
  return valuesOf(layers, keyword).reduce<number | undefined>(
    (few, value) => (few === undefined ? value : Math.min(few, value)),
    undefined,
  )
}

function valuesOf(layers: Layers, keyword: NumericKeyword): number[] {
  return layers.flatMap((layer) => layer[keyword] ?? [])
}

/** Values of this type that every `enum` has; undefined where no layer has an `enum`. */
export function membersOf(layers: Layers, type: JsonType): readonly Json[] | undefined {
  const lists = layers.flatMap((layer) => (layer.enum === undefined ? [] : [layer.enum]))
  const [first, ...others] = lists
  if (first === undefined) return undefined
  const keys = others.map((list) => new Set(list.map((value) => JSON.stringify(value))))
  return first.filter(
    (value) => isOfType(value, type) && keys.every((known) => known.has(JSON.stringify(value))),
  )
}

export function requiredOf(layers: Layers): ReadonlySet<string> {
  return new Set(layers.flatMap(({ required = [] }) => required))
}

/** In the order in which the properties are first named. */
export function propertyNames(layers: Layers): readonly string[] {
  const named = layers.flatMap(({ properties }) => Object.keys(properties ?? {}))
  return [...new Set([...named, ...requiredOf(layers)])]
}

/** All that holds for the value of this property; empty where anything goes. */
export function propertySchemas(layers: Layers, name: string): readonly Schema[] {
  return layers.flatMap((layer) => {
    const own =
      layer.properties !== undefined && Object.hasOwn(layer.properties, name)
        ? [layer.properties[name] ?? true]
        : []
    const patterns = Object.entries(layer.patternProperties ?? {}).flatMap(([pattern, schema]) =>
      compilePattern(pattern).test(name) ? [schema] : [],
    )
    if (own.length + patterns.length > 0) return [...own, ...patterns]
    return layer.additionalProperties === undefined ? [] : [layer.additionalProperties]
  })
}

/** All that holds for the item at this place. */
export function itemSchemas(layers: Layers, index: number): readonly Schema[] {
  return layers.flatMap(({ prefixItems = [], items }) => {
    const own = prefixItems[index]
    if (own !== undefined) return [own]
    return items === undefined ? [] : [items]
  })
}

/** How many items have a place, and so a schema, of their own. */
export function prefixLength(layers: Layers): number {
  return Math.max(0, ...layers.map(({ prefixItems = [] }) => prefixItems.length))
}
