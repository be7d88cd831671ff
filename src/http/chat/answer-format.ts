// Answers as JSON for clients that ask for it: OpenAI's response_format, Ollama's format.
//
// A caption is one text, so it becomes the first text property that the client's schema names.
import { z } from 'zod'

export type AnswerFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json'; readonly property: string }

export const TEXT: AnswerFormat = { kind: 'text' }

/** For clients that ask for JSON without saying which. */
const DEFAULT_PROPERTY = 'caption'

const ObjectSchema = z.looseObject({ properties: z.record(z.string(), z.unknown()) })
const PropertySchema = z.looseObject({ type: z.union([z.string(), z.array(z.string())]) })

/** @param schema a JSON schema, or anything else for JSON of any shape. */
export function toJsonFormat(schema: unknown): AnswerFormat {
  const { data } = ObjectSchema.safeParse(schema)
  const property = Object.entries(data?.properties ?? {}).find(([, value]) => isText(value))?.[0]
  return { kind: 'json', property: property ?? DEFAULT_PROPERTY }
}

export function formatAnswer(text: string, format: AnswerFormat): string {
  if (format.kind === 'text') return text
  // Object.fromEntries makes an own property of any name, `__proto__` included.
  return JSON.stringify(Object.fromEntries([[format.property, text]]))
}

/** Takes any text: an enumeration or a pattern would not. */
function isText(schema: unknown): boolean {
  const { data } = PropertySchema.safeParse(schema)
  if (data === undefined || 'enum' in data || 'const' in data || 'pattern' in data) return false
  return data.type === 'string' || data.type.includes('string')
}
