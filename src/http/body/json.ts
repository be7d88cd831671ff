// JSON in and out: bytes to a typed request (bounded, UTF-8, then a schema), and answers.
//
// The content type is not asked: curl sends JSON as a form, Ollama's own examples name no type.
import type { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import { giveWay } from '../../base/give-way.ts'
import type { LongTexts } from './long-texts.ts'
import { scanJson } from './scan-json.ts'
import { wrongField } from './wrong-field.ts'

/** Clients check for `application/json`; aiohttp refuses to parse anything else. */
export const JSON_TYPE = 'application/json; charset=utf-8'

export function jsonResponse(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': JSON_TYPE },
  })
}

/**
 * @param longTexts where pictures go that are too long to be parsed; see `long-texts.ts`.
 * @throws FlocapError invalid_json with the reason in words, body_too_large for too much text.
 */
export async function parseJson(bytes: Uint8Array, longTexts: LongTexts): Promise<unknown> {
  if (bytes.byteLength === 0) {
    throw invalidJson('The request body is empty; JSON was expected.')
  }
  const text = decodeUtf8(await scanJson(bytes, longTexts))
  await giveWay()
  try {
    return JSON.parse(text)
  } catch {
    // The engine's message quotes the body, which may hold a picture: it is not passed on.
    throw invalidJson(`The request body is not JSON: it starts with ${startOf(text)}.`)
  }
}

/** @throws FlocapError invalid_request that names the field, what it must be and what came. */
export function parseFields<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw wrongField(schema, value, result.error.issues)
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalidJson('The request body is not UTF-8 text, so it is not JSON.')
  }
}

function invalidJson(message: string): FlocapError {
  return new FlocapError('invalid_json', message, {
    hint: 'Send a JSON object as the request body.',
  })
}

/** The kind of the first character, never the text itself. */
function startOf(text: string): string {
  const first = text.trimStart()[0]
  if (first === undefined) return 'nothing but blanks'
  if (first === '{' || first === '[') return `'${first}' and breaks off or has a syntax error`
  return text.startsWith('--') ? 'a multipart boundary' : 'neither { nor ['
}
