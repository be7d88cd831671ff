// Inputs of batches that mean harm: those that may not begin, and lines that begin and have to fail by
// themselves, or to be answered as the request would be.
import { PNG_BASE64, PNG_DATA_URL } from '../../support/pictures.ts'

export interface HostileInput {
  readonly name: string
  readonly content: string | Buffer
  /** That one of its lines is answered is no fault. */
  readonly serves: boolean
}

const CHAT = '/v1/chat/completions'
const picture = (url: unknown): object => ({ type: 'image_url', image_url: { url } })

function chat(more: object, url: unknown = PNG_DATA_URL): object {
  return { messages: [{ role: 'user', content: [picture(url)] }], max_tokens: 3, ...more }
}

function line(fields: object): string {
  return JSON.stringify({ custom_id: 'a', method: 'POST', url: CHAT, body: chat({}), ...fields })
}

const withBody = (body: unknown): string => line({ body })

const INPUTS: Readonly<Record<string, string | Buffer>> = {
  'a hundred thousand brackets': '['.repeat(100_000),
  'a hundred thousand objects': '{"a":'.repeat(100_000),
  'a body of a thousand levels': line({ body: 'X' }).replace(
    '"X"',
    `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`,
  ),
  'ten thousand values': withBody({ a: Array.from({ length: 10_000 }, () => 1) }),
  'three megabytes of text': withBody({ a: 'ä '.repeat(1_000_000) }),
  'a custom_id of a megabyte': line({ custom_id: 'c'.repeat(1_000_000) }),
  'a custom_id of 513 letters': line({ custom_id: 'c'.repeat(513) }),
  'no custom_id': line({ custom_id: undefined }),
  'a custom_id that is a number': line({ custom_id: 7 }),
  'a custom_id that is an object': line({ custom_id: { toString: 'a' } }),
  'a custom_id that is nothing': line({ custom_id: '' }),
  'the same custom_id twice': [line({}), line({})].join('\n'),
  'the same custom_id in other words': [
    line({ custom_id: 'é' }),
    line({ custom_id: 'é' }).replace('é', String.raw`\u00e9`),
  ].join('\n'),
  'a method in small letters': line({ method: 'post' }),
  'a method with a blank': line({ method: 'POST ' }),
  'a method that deletes': line({ method: 'DELETE', url: '/v1/files' }),
  'a URL elsewhere': line({ url: `http://127.0.0.1:22${CHAT}` }),
  'a URL above': line({ url: `${CHAT}/../../files` }),
  'a URL with a slash': line({ url: `${CHAT}/` }),
  'a URL with a query': line({ url: `${CHAT}?a` }),
  'the URL of another endpoint': line({ url: '/v1/responses' }),
  'a body that is a list': withBody([chat({})]),
  'a body that is a text': withBody(JSON.stringify(chat({}))),
  'a body that is nothing': withBody(null),
  'a stream': withBody(chat({ stream: true })),
  'NUL in the JSON': line({}).replace('"a"', '"a\0"'),
  'no UTF-8': Buffer.concat([Buffer.from(line({})), Buffer.from('fffe', 'hex')]),
  'UTF-16': Buffer.from(line({}), 'utf16le'),
  'a gzip file': Buffer.from('1f8b08000000000000ff', 'hex'),
  'a picture': Buffer.from(PNG_BASE64, 'base64'),
  'two objects on a line': line({}) + line({ custom_id: 'b' }),
  'a list around the lines': `[${line({})}]`,
  'a comma behind the line': `${line({})},`,
  'carriage returns alone': [line({}), line({ custom_id: 'b' })].join('\r'),
  'a line separator of Unicode': [line({}), line({ custom_id: 'b' })].join('\u2028'),
  NaN: line({}).replace('"max_tokens":3', '"max_tokens":NaN'),
  'nothing but blanks': ' \t\r\n'.repeat(100_000),
  'four million empty lines': '\n'.repeat(4_000_000),
  'a million lines that are none': 'x\n'.repeat(1_000_000),
}

/** Lines whose bodies are refused one by one. */
const BODIES: Readonly<Record<string, unknown>> = {
  'an empty body': {},
  'a body of the language': JSON.parse('{"__proto__":{"messages":[]},"constructor":1}'),
  'a path for a picture': chat({}, '/etc/passwd'),
  'a file URL for a picture': chat({}, 'file:///etc/passwd'),
  'a file above': chat({}, 'file:../../../etc/passwd'),
  'a file that is not there': chat({}, 'file:file-0000000000000000000000000'),
  'the metadata service': chat({}, 'http://169.254.169.254/latest/meta-data/'),
  'this machine': chat({}, 'http://127.0.0.1:6379/'),
  'an object for a picture': chat({}, { url: PNG_DATA_URL }),
  'a picture of nothing': chat({}, 'data:image/png;base64,'),
  'a picture that is cut': chat({}, PNG_DATA_URL.slice(0, 60)),
  'a stream in words': chat({ stream: 'true' }),
  'a million answers': chat({ n: 1_000_000 }),
  'answers without an end': chat({ max_tokens: 1e308 }),
  'a schema that refers to itself': schema({ $ref: '#' }),
  'a schema that lies elsewhere': schema({ $ref: 'http://127.0.0.1:9/' }),
  'a schema of a billion items': schema({ type: 'array', items: {}, minItems: 1e9 }),
  'a thousand stop texts': chat({ stop: Array.from({ length: 1_000 }, () => 'x') }),
}

function schema(json: object): object {
  return chat({
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: json } },
  })
}

export const REFUSED_LINES: string = Object.entries(BODIES)
  .map(([name, body]) => line({ custom_id: name, body }))
  .join('\n')

export const REFUSED_LINE_COUNT = Object.keys(BODIES).length

export const HOSTILE_INPUTS: readonly HostileInput[] = Object.entries(INPUTS).map(
  ([name, content]) => ({ name, content, serves: false }),
)

const rule = (from: string, to = ''): object => ({ text_rules: { replace_regex: [{ from, to }] } })

/** Rules for texts that take for ever, or are none. */
const RULES: readonly (readonly [name: string, fields: object, serves?: 'serves'])[] = [
  ['a thousand by a thousand steps', rule('(a{1000}){1000}')],
  ['a thousand steps by nothing', rule('(?:){1000}{1000}')],
  ['stars in stars', rule('((((((a*)*)*)*)*)*)*b'), 'serves'],
  ['a choice of ten thousand', rule(Array.from({ length: 10_000 }, (_, n) => `x${n}`).join('|'))],
  ['all of Unicode, often', rule(String.raw`[\p{L}\p{N}\p{S}]{500}`), 'serves'],
  ['look-ahead', rule('(?=a)a')],
  ['a reference back', rule(String.raw`(a)\1`)],
  ['an open bracket', rule('[')],
  ['an open group', rule('(')],
  ['ten thousand open groups', rule('('.repeat(10_000))],
  ['a name of a group that is none', rule('(?P<__proto__>a)', '${__proto__}'), 'serves'],
  ['a group that is not there', rule('a', '$9'), 'serves'],
  ['a dollar alone', rule('a', '$'), 'serves'],
  ['a megabyte to put there', rule('a', 'x'.repeat(1_000_000))],
  ['an empty expression', rule('')],
  ['a number for an expression', { text_rules: { replace_regex: [{ from: 7, to: '' }] } }],
  ['rules of the language', { text_rules: { ['__proto__']: { tags: true } } }],
  [
    'a thousand rules',
    { text_rules: { replace: Array.from({ length: 1_000 }, () => ({ from: 'a', to: 'aa' })) } },
  ],
  [
    'texts that double',
    { text_rules: { replace: Array.from({ length: 32 }, () => ({ from: 'a', to: 'aaaaaaaa' })) } },
  ],
  ['a prefix of a megabyte', { text_rules: { prefix: 'x'.repeat(1_000_000) } }],
  ['half a character in front', { text_rules: { prefix: '\ud800' } }, 'serves'],
]

export interface HostileRules {
  readonly name: string
  readonly fields: object
  readonly serves: boolean
}

export const HOSTILE_RULES: readonly HostileRules[] = RULES.map(([name, fields, serves]) => ({
  name,
  fields,
  serves: serves === 'serves',
}))
