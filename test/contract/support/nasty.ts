// Requests that nobody means to send: real ones with parts replaced, removed or cut, and noise.
import * as fc from 'fast-check'
import { PNG_BASE64, PNG_DATA_URL } from '../../support/pictures.ts'

/** Values that have broken parsers before, beside ones that are right. */
const NASTY: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  'x'.repeat(5_000),
  '='.repeat(5_000),
  PNG_BASE64,
  PNG_DATA_URL,
  'data:',
  'data:,',
  'data:image/png;base64,',
  'data:image/png;base64,%%%',
  'http://example.com/a.png',
  'file:///etc/passwd',
  'javascript:alert(1)',
  '<OD>',
  '<OCR_WITH_REGION><loc_1>',
  '<CAPTION_TO_PHRASE_GROUNDING>',
  '<CAPTION_TO_PHRASE_GROUNDING> \u0007',
  '<REGION_TO_CATEGORY> 1,2,3',
  '<REGION_TO_CATEGORY><loc_9><loc_1><loc_1><loc_1>',
  'florence-2-large:ocr',
  'florence-2-large:odd',
  'florence-2-large:vqa',
  [],
  {},
  [[[[[[]]]]]],
  { url: 5 },
  { url: PNG_DATA_URL },
  { type: 'image_url' },
  { type: 'json_schema', json_schema: { schema: { properties: { __proto__: 1, a: null } } } },
]

type Place = readonly (string | number)[]

/** Every place in a body, the whole included. */
function placesOf(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at]
  const inner = Object.entries(value).flatMap(([key, child]) =>
    placesOf(child, [...at, Array.isArray(value) ? Number(key) : key]),
  )
  return [at, ...inner]
}

function replaced(value: unknown, place: Place, by: unknown): unknown {
  const [key, ...rest] = place
  if (key === undefined) return by
  if (Array.isArray(value)) {
    return value.map((child: unknown, index) => (index === key ? replaced(child, rest, by) : child))
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, child]) => [
    name,
    name === key ? replaced(child, rest, by) : (child as unknown),
  ])
  // JSON.stringify leaves a member out when it is undefined: that is how one is removed.
  return Object.fromEntries(entries)
}

const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 1, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
)

/** One of the bodies with up to three places changed. */
function mutated(bodies: readonly object[]): fc.Arbitrary<string> {
  return fc.constantFrom(...bodies).chain((body) => {
    const change = fc.tuple(fc.constantFrom(...placesOf(body)), nastyValue)
    return fc
      .array(change, { maxLength: 3 })
      .map((changes) =>
        changes.reduce<unknown>((value, [place, by]) => replaced(value, place, by), body),
      )
      .map((value) => JSON.stringify(value) ?? '')
  })
}

function cut(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(text, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([whole, share]) => whole.slice(0, Math.floor(whole.length * share)))
}

/** What lets a request go on, with now and then what stops it early. */
function mostly(usual: string, ...others: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
}

export interface NastyRequest {
  readonly path: string
  readonly init: RequestInit
}

export interface NastyPlan {
  /** Routes that take bodies: most requests go there. */
  readonly posts: readonly string[]
  /** Other paths of the surface, with and without routes behind them. */
  readonly others: readonly string[]
  readonly bodies: readonly object[]
}

export function nastyRequest({ posts, others, bodies }: NastyPlan): fc.Arbitrary<NastyRequest> {
  const whole = mutated(bodies)
  const body: fc.Arbitrary<string | Uint8Array<ArrayBuffer>> = fc.oneof(
    { weight: 12, arbitrary: whole },
    { weight: 1, arbitrary: cut(whole) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from(bytes)),
    },
    { weight: 1, arbitrary: fc.json({ maxDepth: 6 }) },
  )
  const headers = fc.record(
    {
      'content-type': fc.constantFrom(
        'application/json',
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
        'multipart/form-data; boundary=x',
        'image/png',
        '',
      ),
      'content-encoding': mostly('identity', 'gzip'),
      accept: fc.constantFrom('*/*', 'text/html', 'text/plain', 'image/png', 'image/svg+xml'),
      authorization: fc.constantFrom('Bearer', 'Bearer x', 'Basic eA==', ''),
      origin: mostly('http://localhost:8000', 'https://evil.example.com', 'null', ''),
      'x-request-id': fc.constantFrom('a', 'a b', 'x'.repeat(100)),
    },
    { requiredKeys: [] },
  )
  const anyMethod = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD')
  const anywhere = fc.tuple(anyMethod, fc.constantFrom(...posts, ...others))
  const read = fc.tuple(fc.constant('GET'), fc.constantFrom(...others))
  const send = posts.length === 0 ? read : fc.tuple(fc.constant('POST'), fc.constantFrom(...posts))
  const target = fc.oneof(
    { weight: 8, arbitrary: send },
    { weight: 1, arbitrary: read },
    { weight: 1, arbitrary: anywhere },
  )
  const before = mostly('', '/v1', '/', '//')
  const behind = mostly('', '/', '?task=od', '?x=%00%ff', '?stream=1&task=', '/%2e%2e/x', '/x')
  return fc
    .record({ target, before, behind, headers, body })
    .map(
      ({ target: [method, path], before: start, behind: end, headers: sent, body: content }) => ({
        path: `${start}${path}${end}`,
        init: {
          method,
          headers: sent,
          ...(method === 'GET' || method === 'HEAD' ? {} : { body: content }),
        },
      }),
    )
}
