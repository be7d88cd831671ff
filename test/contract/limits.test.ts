// What a caller asks for beyond a limit: refused in every dialect, by the name of its field. An answer
// that had cut it would look as if it had been done.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createFakeCaptioner } from '../support/fake-captioner.ts'
import { createTestApp, post } from '../support/http-app.ts'
import { PNG_BASE64, PNG_DATA_URL } from '../support/pictures.ts'

interface Dialect {
  readonly path: string
  readonly body: object
}

const message = {
  role: 'user',
  content: [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: PNG_DATA_URL } },
  ],
}

const DIALECTS = {
  chat: { path: '/v1/chat/completions', body: { messages: [message] } },
  responses: { path: '/v1/responses', body: { input: [message] } },
  anthropic: { path: '/v1/messages', body: { messages: [message], max_tokens: 99 } },
  generate: { path: '/api/generate', body: { prompt: 'x', images: [PNG_BASE64], stream: false } },
  ollama: { path: '/api/chat', body: { messages: [message], stream: false } },
  kobold: { path: '/api/v1/generate', body: { prompt: 'x', images: [PNG_BASE64] } },
  llamacpp: { path: '/completion', body: { prompt: 'x', image_data: [{ data: PNG_BASE64 }] } },
  vqa: { path: '/sdapi/v1/vqa', body: { image: PNG_BASE64 } },
  native: { path: '/api/v1/caption', body: { image: PNG_BASE64 } },
} as const satisfies Record<string, Dialect>

type Name = keyof typeof DIALECTS

async function ask(name: Name, fields: object) {
  const captioner = createFakeCaptioner()
  const { path, body } = DIALECTS[name]
  const response = await createTestApp({ captioner }).request(path, post({ ...body, ...fields }))
  return { response, calls: captioner.calls }
}

async function refusalOf(name: Name, fields: object): Promise<string> {
  const { response, calls } = await ask(name, fields)
  expect(response.status).toBe(400)
  expect(calls).toEqual([])
  const Refusal = z.object({
    error: z.union([z.string(), z.looseObject({ message: z.string() })]),
  })
  const { error } = Refusal.parse(await response.json())
  return typeof error === 'string' ? error : error.message
}

const many = Array.from({ length: 65 }, (_, index) => `stop ${index}`)
const long = 'stop '.repeat(60)
/** A run of letters so long that it may be a picture. */
const run = 'word'.repeat(3_000)

const STOPS: readonly (readonly [Name, (stop: unknown) => object, string])[] = [
  ['chat', (stop) => ({ stop }), 'stop'],
  ['anthropic', (stop) => ({ stop_sequences: stop }), 'stop_sequences'],
  ['generate', (stop) => ({ options: { stop } }), 'options.stop'],
  ['ollama', (stop) => ({ options: { stop } }), 'options.stop'],
  ['kobold', (stop) => ({ stop_sequence: stop }), 'stop_sequence'],
  ['llamacpp', (stop) => ({ stop }), 'stop'],
  ['native', (stop) => ({ stop }), 'stop'],
]

describe.each(STOPS)('stop texts of %s', (name, fields, field) => {
  it('are refused when they are too many', async () => {
    expect(await refusalOf(name, fields(many))).toMatch(
      new RegExp(`^Expected .*a list of at most 64 texts for ${field}, got a list of 65\\.`),
    )
  })

  it.each([
    ['long', long],
    ['as long as pictures', run],
  ])('are refused when one is %s', async (_, text) => {
    expect(await refusalOf(name, fields(['a', text]))).toMatch(
      new RegExp(`^Expected .* characters for ${field}\\[1\\], got a text of \\d+ characters\\.`),
    )
  })

  it('are all passed on', async () => {
    const { response, calls } = await ask(name, fields(many.slice(1)))
    expect(response.status).toBe(200)
    expect(calls[0]?.request.generation?.stop).toHaveLength(64)
  })
})

describe('answers', () => {
  it.each<[Name, object, string]>([
    ['chat', { n: 9 }, 'n'],
    ['kobold', { n: 9 }, 'n'],
    ['native', { num_return_sequences: 9, num_beams: 8 }, 'num_return_sequences'],
  ])('beyond the beams are refused by %s', async (name, fields, field) => {
    expect(await refusalOf(name, fields)).toMatch(
      `Expected a whole number from 1 to 8 for ${field}, got 9.`,
    )
  })

  it('of KoboldAI are as many as were asked for', async () => {
    const { response } = await ask('kobold', { n: 5 })
    expect(await response.json()).toMatchObject({ results: { length: 5 } })
  })
})

describe('the beginning of an answer', () => {
  it.each([
    ['words', 'word '.repeat(401)],
    ['a run that may be a picture', run],
  ])('is refused when it is too long, of %s', async (_, prefix) => {
    expect(await refusalOf('native', { prefix })).toMatch(
      /^Expected a text of 0 to 2000 characters for prefix, got a text of \d+ characters\.$/,
    )
  })
})

describe('what no answer would keep to', () => {
  it.each<[Name, object, string]>([
    ['chat', { grammar: 'root ::= "yes"' }, 'grammar'],
    ['chat', { guided_choice: ['yes', 'no'] }, 'guided_choice'],
    ['chat', { structured_outputs: { regex: 'a+' } }, 'structured_outputs.regex'],
    ['llamacpp', { grammar: 'root ::= "yes"' }, 'grammar'],
    ['kobold', { grammar: 'root ::= "yes"' }, 'grammar'],
  ])('is refused by %s: %j', async (name, fields, field) => {
    expect(await refusalOf(name, fields)).toMatch(`Expected no ${field}, got `)
  })

  it.each([{ grammar: '' }, { guided_choice: [] }, { regex: null }])(
    'is nothing when it is empty: %j',
    async (fields) => {
      expect((await ask('chat', fields)).response.status).toBe(200)
    },
  )

  it('is kept to where it is a schema in another place', async () => {
    const json = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] }
    const { response } = await ask('chat', { structured_outputs: { json } })
    const { choices } = z
      .object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })) })
      .parse(await response.json())
    expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual({ title: expect.any(String) })
  })

  it('is refused where the picture came with an earlier response', async () => {
    const fields = { input: 'Which colour is it?', previous_response_id: 'resp_1' }
    expect(await refusalOf('responses', fields)).toMatch(
      'Expected the image in the request itself, got previous_response_id "resp_1".',
    )
    expect((await ask('responses', { previous_response_id: 'resp_1' })).response.status).toBe(200)
  })
})

describe('tokens', () => {
  it.each<[Name, object]>([
    ['chat', { max_tokens: 5 }],
    ['responses', { max_output_tokens: 5 }],
    ['anthropic', { max_tokens: 5 }],
    ['generate', { options: { num_predict: 5 } }],
    ['kobold', { max_length: 5 }],
    ['llamacpp', { n_predict: 5 }],
    ['vqa', { max_tokens: 5 }],
  ])('of %s bound the answer', async (name, fields) => {
    const { calls } = await ask(name, fields)
    expect(calls[0]?.request.generation?.maxNewTokens).toBe(7)
  })
})

describe('names in the header of what is unanswered', () => {
  it('are whole, those without room counted', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `score_${'é'.repeat(10)}_${index}`)
    const number = { type: 'number' }
    const schema = {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, number])),
      required: names,
    }
    const response_format = { type: 'json_schema', json_schema: { name: 'x', schema } }
    const { response } = await ask('chat', { response_format })
    expect(response.status).toBe(200)
    const listed = response.headers.get('x-flocap-unanswered')?.split(', ') ?? []
    const shown = listed.slice(0, -1).map((name) => decodeURI(name))
    expect(shown.length).toBeGreaterThan(2)
    expect(shown).toEqual(names.slice(0, shown.length))
    expect(listed.at(-1)).toBe(`${40 - shown.length} more`)
  })
})
