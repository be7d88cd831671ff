// Bodies that are JSON, or nearly, and mean harm: depth, keys of the language itself, numbers, texts,
// schemas. Each dialect gets those of its kind.
import { PNG_BASE64 } from '../../support/pictures.ts'

export interface JsonBody {
  readonly name: string
  readonly path: string
  readonly body: string
  readonly serves?: boolean
}

const PICTURE = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG_BASE64}` } }
const CHAT = '/v1/chat/completions'
const NATIVE = '/api/v1/caption'

function chat(more: object): string {
  return JSON.stringify({
    messages: [{ role: 'user', content: [PICTURE] }],
    max_tokens: 5,
    ...more,
  })
}

function native(more: object): string {
  return JSON.stringify({ image: PNG_BASE64, task: 'caption', max_new_tokens: 5, ...more })
}

const PATHS = [
  CHAT,
  '/v1/responses',
  '/v1/messages',
  '/api/chat',
  '/api/generate',
  '/completion',
  '/api/caption',
  '/sdapi/v1/interrogate',
  '/api/v1/generate',
  NATIVE,
  '/api/v1/draw',
  '/mcp',
]

/** Clients of these send fields that nobody knows; without a picture they are told to send one. */
const IGNORES = new Set([
  '/v1/responses',
  '/api/chat',
  '/api/generate',
  '/completion',
  '/api/v1/generate',
])

const SYNTAX: readonly (readonly [string, string])[] = [
  ['100,000 brackets', '['.repeat(100_000)],
  ['100,000 nested objects', '{"a":'.repeat(100_000)],
  [
    'keys of the language',
    '{"__proto__":{"image":"x","messages":[]},"constructor":{"prototype":{}},"toString":1}',
  ],
  ['NaN', '{"image":NaN}'],
  ['a number beyond all numbers', '{"image":1e999,"messages":-1e999,"prompt":1e999}'],
  ['a comment', '{/* image */"image":"x"}'],
]

const lists = (items: unknown): unknown => ({ type: 'array', items, minItems: 1000 })

/** Schemas that take for ever, reach out, or contradict themselves. */
const SCHEMAS: readonly (readonly [string, unknown])[] = [
  ['that refers to itself', { $ref: '#' }],
  [
    'that refers in a circle',
    { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
  ],
  ['that lies elsewhere', { $ref: 'http://127.0.0.1:9/schema.json' }],
  ['that is a file', { $ref: 'file:///etc/passwd' }],
  [
    'with an endless expression',
    { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } }, required: ['a'] },
  ],
  ['of 3,000 choices', { enum: Array.from({ length: 3000 }, (_, index) => `x${index}`) }],
  ['of a billion items', { type: 'array', items: { type: 'string' }, minItems: 1e9 }],
  ['of lists of lists of lists', lists(lists(lists({ type: 'string' })))],
  [
    'of a billion properties',
    { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1e9 },
  ],
  ['of a text of a billion letters', { type: 'string', minLength: 1e9 }],
  [
    'with a key of the language',
    {
      type: 'object',
      properties: { __proto__: { type: 'string' }, constructor: { type: 'string' } },
      required: ['constructor'],
    },
  ],
  [
    'of sixty levels',
    Array.from({ length: 50 }).reduce<unknown>((inner) => ({ anyOf: [inner] }), { type: 'string' }),
  ],
  ['that nothing fits', { allOf: [{ type: 'string' }, { type: 'number' }] }],
  ['that forbids itself', { not: {} }],
]

const SERVED_SCHEMAS = new Set([
  'with a key of the language',
  'of sixty levels',
  'with an endless expression',
  'of 3,000 choices',
])

const FIELDS: readonly (readonly [string, object])[] = [
  ['a million beams', { num_beams: 1_000_000 }],
  ['half a beam', { num_beams: 1.5 }],
  ['a temperature of 1e308', { temperature: 1e308 }],
  ['a seed below zero', { seed: -1 }],
  ['a seed beyond whole numbers', { seed: 2 ** 60 }],
  ['10,000 stop texts', { stop: Array.from({ length: 5000 }, () => 'x') }],
  ['an empty stop text', { stop: [''] }],
  ['a prefix of control tokens', { prefix: '</s><loc_0>'.repeat(400) }],
  ['NUL in a task', { task: 'caption\0' }],
  ['half a character in a task', { task: '\ud800' }],
  ['a task that is a list of lists', { task: [['caption']] }],
  ['a thousand tasks', { tasks: Array.from({ length: 1000 }, () => 'od') }],
  ['a picture that is an object', { image: { data: { data: PNG_BASE64 } } }],
  ['a picture that is a number', { image: 7 }],
  ['a picture with a file URL', { image: 'file:///etc/passwd' }],
  ['a picture that is a path', { image: '/etc/passwd' }],
  ['a picture with a gopher URL', { image: 'gopher://127.0.0.1:6379/_x' }],
  ['a picture at the metadata service', { image: 'http://169.254.169.254/latest/meta-data/' }],
  ['a background that is a script', { background: 'url(javascript:alert(1))' }],
  ['a region of nothing', { task: 'region_to_ocr', region: [5, 5, 1, 1] }],
  ['a region of one number', { task: 'region_to_ocr', region: [1] }],
  [
    '10,000 regions',
    { task: 'region_to_ocr', region: Array.from({ length: 1200 }, () => [0, 0, 1, 1]) },
  ],
  ['a priority that is none', { priority: 'root' }],
]

function draw(more: object): string {
  const boxes = [{ label: 'a', box: [0, 0, 1, 1] }]
  return JSON.stringify({
    image: PNG_BASE64,
    width: 1,
    height: 1,
    answers: [{ data: { kind: 'boxes', boxes } }],
    ...more,
  })
}

const DRAWINGS: readonly (readonly [string, string])[] = [
  ['a drawing of four billion pixels', draw({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 })],
  ['a drawing of another size', draw({ width: 60_000, height: 60_000, format: 'svg' })],
  ['a drawing with a format of the system', draw({ format: '../../x' })],
  [
    'a drawing of nothing',
    draw({ answers: [{ data: { kind: 'text', text: '<svg onload=alert(1)>' } }] }),
  ],
  [
    'a drawing with NaN for places',
    draw({ answers: [{ data: { kind: 'boxes', boxes: [{ label: 'a', box: [null, 0, 1, 1] }] } }] }),
  ],
]

const row = (name: string, path: string, body: string, serves = false): JsonBody => ({
  name,
  path,
  body,
  serves,
})

export const JSON_BODIES: readonly JsonBody[] = [
  ...PATHS.flatMap((path) =>
    SYNTAX.map(([name, body]) =>
      row(`${name} to ${path}`, path, body, name === 'keys of the language' && IGNORES.has(path)),
    ),
  ),
  ...SCHEMAS.map(([name, schema]) =>
    row(
      `a schema ${name}`,
      CHAT,
      chat({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }),
      SERVED_SCHEMAS.has(name),
    ),
  ),
  ...FIELDS.map(([name, more]) => row(name, NATIVE, native(more))),
  ...DRAWINGS.map(([name, body]) => row(name, '/api/v1/draw', body)),
]
