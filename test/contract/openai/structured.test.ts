// Answers that fit a schema, and forced tools, over chat completions and responses.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createTestApp, post, type TestHttpOptions } from '../../support/http-app.ts'
import { PNG_DATA_URL } from '../../support/pictures.ts'
import { createRecordedCaptioner, recordedResults } from '../../support/recorded-answers.ts'
import { parseEvents } from '../../support/streams.ts'
import { verifies } from '../support/requirements.ts'
import { CHAT_PATH, captionChat, user } from './chats.ts'

const TITLE = 'An anchor and a trophy on a white and lime background'
const str = { type: 'string' }
const SCHEMA = {
  type: 'object',
  properties: { title: str, tags: { type: 'array', items: str } },
  required: ['title', 'tags'],
}
const ANSWER = { title: TITLE, tags: ['anchor', 'trophy'] }
const SAVE = { name: 'save', parameters: SCHEMA }
const TOOL = { type: 'function', function: SAVE }
const OTHER = {
  type: 'function',
  function: {
    name: 'pay',
    parameters: { type: 'object', properties: { price: { type: 'number' } }, required: ['price'] },
  },
}

function send(path: string, body: object, options: TestHttpOptions = {}): Promise<Response> {
  const app = createTestApp({ captioner: createRecordedCaptioner(), ...options })
  return Promise.resolve(app.request(path, post(body)))
}

const Chat = z.object({
  choices: z.array(
    z.looseObject({
      finish_reason: z.string(),
      message: z.looseObject({
        content: z.string().nullable(),
        tool_calls: z
          .array(
            z.object({
              id: z.string(),
              type: z.literal('function'),
              function: z.object({ name: z.string(), arguments: z.string() }),
            }),
          )
          .optional(),
        function_call: z.object({ name: z.string(), arguments: z.string() }).optional(),
      }),
    }),
  ),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int() }),
  flocap: z.object({ unanswered: z.array(z.string()).optional() }),
})

async function chat(fields: object, options: TestHttpOptions = {}) {
  const response = await send(CHAT_PATH, captionChat(fields), options)
  const body: unknown = await response.json()
  expect(body).not.toHaveProperty('error')
  const { choices, ...rest } = Chat.parse(body)
  const [choice] = choices
  if (choice === undefined) throw new Error('No choice came.')
  return { response, choice, ...rest }
}

describe('response_format', () => {
  it.each([
    [
      'json_schema',
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'x', strict: true, schema: SCHEMA },
        },
      },
    ],
    [
      'json_schema without its wrapper',
      { response_format: { type: 'json_schema', schema: SCHEMA } },
    ],
    [
      'the schema as its wrapper',
      { response_format: { type: 'json_schema', json_schema: SCHEMA } },
    ],
    ['json_object with a schema', { response_format: { type: 'json_object', schema: SCHEMA } }],
    ['a schema beside it', { json_schema: SCHEMA }],
    ['guided_json', { guided_json: SCHEMA }],
  ])(`%s: an answer that fits ${verifies('STRUCT-1')}`, async (_, fields) => {
    const { choice, response, usage } = await chat(fields)
    expect(JSON.parse(choice.message.content ?? '')).toEqual(ANSWER)
    expect(choice.finish_reason).toBe('stop')
    expect(response.headers.get('x-flocap-task')).toBe('caption, od, dense_region_caption')
    const asked = (['caption', 'od', 'dense_region_caption'] as const).map((task) => ({ task }))
    const tokens = recordedResults('scene-03', asked).map((result) => result.usage.promptTokens)
    expect(usage.prompt_tokens).toBe(tokens.reduce((sum, each) => sum + each))
  })

  it.each([
    ['a schema', `Return a JSON object for this schema: ${JSON.stringify(SCHEMA)}`, ANSWER],
    [
      'a schema in a code block',
      `Schema:\n\`\`\`json\n${JSON.stringify(SCHEMA, null, 2)}\n\`\`\``,
      ANSWER,
    ],
    ['an example', 'Answer like {"title": "A dog", "tags": ["dog"]}, nothing else.', ANSWER],
    [
      'names of types',
      'Answer with {"title": "string", "count": "integer"}',
      { title: TITLE, count: 2 },
    ],
    ['nothing', 'Answer in JSON {please}.', { caption: expect.stringContaining('anchor') }],
  ])(
    `json_object takes its shape from %s in the prompt ${verifies('STRUCT-2')}`,
    async (_, content, expected) => {
      const messages = [
        { role: 'system', content },
        user([{ type: 'image_url', image_url: { url: PNG_DATA_URL } }]),
      ]
      const { choice } = await chat({ messages, response_format: { type: 'json_object' } })
      expect(JSON.parse(choice.message.content ?? '')).toEqual(expected)
    },
  )

  it.each([
    [
      'a schema that cannot be',
      {
        type: 'object',
        properties: { a: { type: 'string', minLength: 3, maxLength: 1 } },
        required: ['a'],
      },
      'a',
    ],
    ['one that is none', 5, 'root'],
  ])(`%s is refused by the property ${verifies('STRUCT-4')}`, async (_, schema, path) => {
    const response = await send(
      CHAT_PATH,
      captionChat({ response_format: { type: 'json_schema', json_schema: { schema } } }),
    )
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: {
        code: 'invalid_schema',
        message: expect.stringContaining(path),
        param: expect.stringContaining('response_format.json_schema.schema'),
      },
    })
  })

  it('of another type is refused', async () => {
    const response = await send(CHAT_PATH, captionChat({ response_format: { type: 'grammar' } }))
    expect(await response.json()).toMatchObject({ error: { param: 'response_format.type' } })
  })

  it('with a schema needs a picture', async () => {
    const response_format = { type: 'json_schema', json_schema: { schema: SCHEMA } }
    const response = await send(CHAT_PATH, { messages: [user('Hi')], response_format })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'missing_image' } })
  })

  it(`what no picture tells is named, and refused on demand ${verifies('STRUCT-4')}`, async () => {
    const schema = {
      type: 'object',
      properties: { title: str, nsfw: { type: 'boolean' }, größe: str },
      required: ['title', 'nsfw'],
    }
    const fields = { response_format: { type: 'json_schema', json_schema: { schema } } }
    const { choice, flocap, response } = await chat(fields)
    expect(JSON.parse(choice.message.content ?? '')).toEqual({ title: TITLE, nsfw: false })
    expect(flocap.unanswered).toEqual(['nsfw', 'größe'])
    expect(decodeURI(response.headers.get('x-flocap-unanswered') ?? '')).toBe('nsfw, größe')
    for (const stream of [false, true]) {
      const refused = await send(CHAT_PATH, captionChat({ ...fields, stream }), {
        settings: { unanswerable: 'refuse' },
      })
      expect(refused.status).toBe(400)
      expect(await refused.json()).toMatchObject({ error: { code: 'unanswerable', param: 'nsfw' } })
    }
  })
})

describe('forced tools', () => {
  it.each([
    ['required', { tools: [TOOL], tool_choice: 'required' }],
    ['any', { tools: [TOOL], tool_choice: 'any' }],
    [
      'by name',
      { tools: [OTHER, TOOL], tool_choice: { type: 'function', function: { name: 'save' } } },
    ],
    ['the one that a picture answers', { tools: [OTHER, TOOL], tool_choice: 'required' }],
    [
      'allowed tools',
      {
        tools: [OTHER, TOOL],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: {
            mode: 'required',
            tools: [{ type: 'function', function: { name: 'save' } }],
          },
        },
      },
    ],
  ])(`%s: one call ${verifies('STRUCT-3')}`, async (_, fields) => {
    const { choice } = await chat(fields)
    expect(choice.finish_reason).toBe('tool_calls')
    expect(choice.message.content).toBeNull()
    expect(choice.message.tool_calls).toEqual([
      {
        id: expect.stringMatching(/^call_/),
        type: 'function',
        function: { name: 'save', arguments: JSON.stringify(ANSWER) },
      },
    ])
  })

  it('functions are called as OpenAI did before tools', async () => {
    const { choice } = await chat({ functions: [SAVE], function_call: { name: 'save' } })
    expect(choice.finish_reason).toBe('function_call')
    expect(choice.message.function_call).toEqual({
      name: 'save',
      arguments: JSON.stringify(ANSWER),
    })
  })

  it.each([
    [{ tools: [TOOL] }],
    [{ tools: [TOOL], tool_choice: 'auto' }],
    [{ tools: [TOOL], tool_choice: 'none' }],
    [{ functions: [SAVE], function_call: 'auto' }],
  ])('words are the answer to %j', async (fields) => {
    const { choice } = await chat(fields)
    expect(choice.finish_reason).toBe('stop')
    expect(choice.message.content).toMatch(/^The image shows/)
  })

  it.each([
    ['no tool', { tools: [], tool_choice: 'required' }],
    [
      'another tool',
      { tools: [TOOL], tool_choice: { type: 'function', function: { name: 'load' } } },
    ],
    ['a choice that is none', { tools: [TOOL], tool_choice: { type: 'web_search' } }],
  ])('%s: refused', async (_, fields) => {
    const response = await send(CHAT_PATH, captionChat(fields))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { param: 'tool_choice' } })
  })
})

const Chunk = z.looseObject({
  choices: z.array(
    z.looseObject({
      finish_reason: z.string().nullable(),
      delta: z.looseObject({
        content: z.string().nullish(),
        tool_calls: z
          .array(
            z.looseObject({
              index: z.literal(0),
              id: z.string().optional(),
              function: z.looseObject({
                name: z.string().optional(),
                arguments: z.string().optional(),
              }),
            }),
          )
          .optional(),
      }),
    }),
  ),
})

async function chunksOf(fields: object) {
  const response = await send(CHAT_PATH, captionChat({ ...fields, stream: true }))
  return parseEvents(await response.text())
    .filter(({ data }) => data !== '[DONE]')
    .flatMap(({ data }) => Chunk.parse(JSON.parse(data)).choices)
}

describe('streams', () => {
  const description = {
    type: 'object',
    properties: { description: str, tags: SCHEMA.properties.tags },
  }

  it.each([
    ['a title first', SCHEMA],
    ['a description first', description],
    ['a list first', { ...SCHEMA, properties: { tags: SCHEMA.properties.tags, title: str } }],
    ['a text as the root', str],
  ])(`%s: the pieces are the whole answer ${verifies('STRUCT-5')}`, async (_, schema) => {
    const fields = { response_format: { type: 'json_schema', json_schema: { schema } } }
    const chunks = await chunksOf(fields)
    const pieces = chunks.flatMap(({ delta }) => delta.content ?? [])
    expect(pieces.join('')).toBe((await chat(fields)).choice.message.content)
    expect(chunks.at(-1)?.finish_reason).toBe('stop')
  })

  it(`begin before all of it is known ${verifies('STRUCT-5')}`, async () => {
    const chunks = await chunksOf({ json_schema: description })
    const [, first, second] = chunks.flatMap(({ delta }) => delta.content ?? [])
    expect(first).toBe('{"description":"The')
    expect(second).toBe(' image')
  })

  it(`carry the arguments of a call ${verifies('STRUCT-3', 'STRUCT-5')}`, async () => {
    const chunks = await chunksOf({ tools: [TOOL], tool_choice: 'required' })
    const calls = chunks.flatMap(({ delta }) => delta.tool_calls ?? [])
    expect(calls[0]).toMatchObject({
      id: expect.any(String),
      type: 'function',
      function: { name: 'save' },
    })
    expect(calls.map((call) => call.function.arguments ?? '').join('')).toBe(JSON.stringify(ANSWER))
    expect(chunks.at(-1)?.finish_reason).toBe('tool_calls')
  })
})

describe('responses', () => {
  const input = [{ role: 'user', content: [{ type: 'input_image', image_url: PNG_DATA_URL }] }]
  const format = { type: 'json_schema', name: 'x', strict: true, schema: SCHEMA }
  const tools = [{ type: 'function', ...SAVE }]
  const tool_choice = { type: 'function', name: 'save' }

  it(`text.format gives JSON that fits ${verifies('STRUCT-1')}`, async () => {
    const response = await send('/v1/responses', { input, text: { format } })
    expect(await response.json()).toMatchObject({
      output: [{ type: 'message', content: [{ text: JSON.stringify(ANSWER) }] }],
    })
  })

  it(`a forced function is called, at once and streamed ${verifies('STRUCT-3')}`, async () => {
    const call = {
      type: 'function_call',
      name: 'save',
      arguments: JSON.stringify(ANSWER),
      status: 'completed',
    }
    const whole = await send('/v1/responses', { input, tools, tool_choice })
    expect(await whole.json()).toMatchObject({
      status: 'completed',
      output: [call],
      tools,
      tool_choice,
    })
    const streamed = await send('/v1/responses', { input, tools, tool_choice, stream: true })
    const events = parseEvents(await streamed.text())
    const names = events.map(({ name }) => name)
    expect(names).toContain('response.function_call_arguments.delta')
    expect(names).not.toContain('response.output_text.delta')
    expect(names.at(-1)).toBe('response.completed')
    expect(JSON.parse(events.at(-1)?.data ?? '')).toMatchObject({ response: { output: [call] } })
  })
})
