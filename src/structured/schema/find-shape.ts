// The shape of an answer where only "JSON" is asked for: a JSON schema or an example object that
// stands in the prompt, as LangChain's json_mode, instructor's JSON mode and PhotoPrism write them, or
// functions and the form of a call, as LiteLLM does for endpoints that have no tools.
import { z } from 'zod'
import type { Json } from './json-schema.ts'
import { schemaOfExample } from './from-example.ts'
import { createPythonReader, type PythonLiteral } from './python-literal.ts'

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
    const schema = callSchema(objects) ?? objects.find(isSchema)
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
  const readPython = createPythonReader(text)
  let at = text.indexOf('{')
  for (let tries = 0; at !== -1 && tries < MAX_TRIES; tries += 1) {
    const read = readObject(text, at) ?? asJson(readPython(at))
    if (read !== undefined && sizeOf(read.value) > 0) found.push(read.value)
    at = text.indexOf('{', read === undefined ? at + 1 : read.end)
  }
  return found
}

interface Found {
  readonly value: Json
  readonly end: number
}

function readObject(text: string, start: number): Found | undefined {
  const end = endOfObject(text, start)
  const value = end === undefined ? undefined : parse(text.slice(start, end))
  return value === undefined || end === undefined ? undefined : { value, end }
}

function asJson(read: PythonLiteral | undefined): Found | undefined {
  const value = json.safeParse(read?.value).data
  return value === undefined || read === undefined ? undefined : { value, end: read.end }
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

/** One of the functions, called, where the texts show both them and how a call looks. */
function callSchema(objects: readonly Json[]): object | undefined {
  if (!objects.some((value) => Call.safeParse(value).success)) return undefined
  const functions = objects.flatMap((value) => {
    const { data } = FunctionTool.safeParse(value)
    return data === undefined ? [] : [data]
  })
  if (functions.length === 0) return undefined
  return {
    anyOf: functions.map(({ name, parameters = NO_ARGUMENTS }) => ({
      type: 'object',
      properties: { name: { const: name }, arguments: parameters },
      required: ['name', 'arguments'],
      additionalProperties: false,
    })),
  }
}

const NO_ARGUMENTS = { type: 'object', properties: {} }

const Call = z.strictObject({ name: z.string(), arguments: z.looseObject({}) })

const Described = z.looseObject({ name: z.string(), parameters: z.looseObject({}) })
const FunctionTool = z.union([
  z
    .looseObject({ function: Described.partial({ parameters: true }) })
    .transform((tool) => tool.function),
  Described,
])

/** An object of schemas under `properties`, and not an example that has a property of that name. */
function isSchema(value: Json): boolean {
  return Schema.safeParse(value).success
}

const Schema = z.union([
  z.looseObject({ properties: z.record(z.string(), z.looseObject({})) }),
  z.looseObject({ type: z.literal('array'), items: z.looseObject({}) }),
  z.looseObject({ $ref: z.string(), $defs: z.looseObject({}) }),
])
