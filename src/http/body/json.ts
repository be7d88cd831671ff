// JSON in and out: bytes to a typed request (bounded, UTF-8, then a schema), and answers.
//
// The content type is not asked: curl sends JSON as a form, Ollama's own examples name no type.
import type { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import { giveWay } from '../../base/give-way.ts'
import type { LongTexts } from './long-texts.ts'
import { scanJson } from './scan-json.ts'

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
  const issue = deepestIssue(result.error.issues)
  const field = fieldName(issue.path)
  throw new FlocapError(
    'invalid_request',
    field === '' ? `The request: ${issue.message}.` : `Field '${field}': ${issue.message}.`,
    field === '' ? {} : { subject: field },
  )
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

type Issue = z.core.$ZodIssue

interface Complaint {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Of all complaints the one that is furthest inside: the mistake, not what it spoils around it. */
function deepestIssue(issues: readonly Issue[]): Complaint {
  const complaints = issues.map((issue) => toComplaint(issue))
  return (
    complaints.reduce<Complaint | undefined>(
      (best, each) => (best && best.path.length >= each.path.length ? best : each),
      undefined,
    ) ?? { path: [], message: 'Invalid input' }
  )
}

/** A union complains for each alternative; the one that came furthest was meant. */
function toComplaint(issue: Issue): Complaint {
  if (issue.code !== 'invalid_union') return { path: issue.path, message: issue.message }
  const inner = deepestIssue(issue.errors.flat())
  if (inner.path.length > 0) return { ...inner, path: [...issue.path, ...inner.path] }
  const expected = [...new Set(expectedTypes(issue))].join(' or ')
  const received = /received \w+/.exec(inner.message)?.[0] ?? 'received something else'
  return { path: issue.path, message: `Invalid input: expected ${expected}, ${received}` }
}

function expectedTypes(issue: Issue): string[] {
  if (issue.code === 'invalid_type') return [issue.expected]
  if (issue.code !== 'invalid_union') return []
  return issue.errors.flat().flatMap((each) => expectedTypes(each))
}

function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) =>
      typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`,
    )
    .join('')
}
