// The shape of an answer where only "JSON" is asked for: a JSON schema or an example object that
// stands in the prompt, as LangChain's json_mode, instructor's JSON mode and PhotoPrism write them.
import { z } from 'zod'
import type { Json } from './json-schema.ts'
import { schemaOfExample } from './from-example.ts'

/** A prompt is some pages; a document in it is not searched to its end. */
const MAX_CHARACTERS = 64 * 1024
/** Braces that are tried as the beginning of an object. */
const MAX_TRIES = 50

const json = z.json()

/**
 * @param texts of the prompt, the one that matters most first.
 * @returns a JSON schema, unread; undefined where the texts show none.
 */
export function findShape(texts: readonly string[]): unknown {
  for (const text of texts) {
    const objects = findObjects(text.slice(0, MAX_CHARACTERS))
    const schema = objects.find(isSchema)
    if (schema !== undefined) return schema
    // The largest: prompts name parts of an answer before and behind the whole of it.
    const example = objects.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0]
    if (example !== undefined) return schemaOfExample(example)
  }
  return undefined
}

/** JSON objects that are not inside of another one, without empty ones. */
function findObjects(text: string): Json[] {
  const found: Json[] = []
  let at = text.indexOf('{')
  for (let tries = 0; at !== -1 && tries < MAX_TRIES; tries += 1) {
    const end = endOfObject(text, at)
    const value = end === undefined ? undefined : parse(text.slice(at, end))
    if (value !== undefined && sizeOf(value) > 0) found.push(value)
    at = text.indexOf('{', value === undefined || end === undefined ? at + 1 : end)
  }
  return found
}

/** Behind the brace that closes the one at `start`. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0
  let quoted = false
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at]
    if (sign === '\\' && quoted) at += 1
    else if (sign === '"') quoted = !quoted
    else if (quoted) continue
    else if (sign === '{') depth += 1
    else if (sign === '}') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return undefined
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return json.safeParse(value).data
  } catch {
    return undefined
  }
}

function sizeOf(value: Json): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
}

/** An object of schemas under `properties`, and not an example that has a property of that name. */
function isSchema(value: Json): boolean {
  return Schema.safeParse(value).success
}

const Schema = z.union([
  z.looseObject({ properties: z.record(z.string(), z.looseObject({})) }),
  z.looseObject({ type: z.literal('array'), items: z.looseObject({}) }),
  z.looseObject({ $ref: z.string(), $defs: z.looseObject({}) }),
])
