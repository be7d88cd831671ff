import { describe, expect, it } from 'vitest'
import { createModelCaptioner } from '../../../src/caption/model-captioner.ts'
import { MessageResponse } from '../../../src/http/surfaces/anthropic/schema.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createFakeVisionModel } from '../../support/fake-vision-model.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { PNG_BASE64 } from '../../support/pictures.ts'
import { parseEvents } from '../../support/streams.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

const PATH = '/v1/messages'

const block = {
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data: PNG_BASE64 },
}

function ask(fields: object = {}, content: unknown = [block, { type: 'text', text: 'x' }]): object {
  return { model: 'claude', max_tokens: 300, messages: [{ role: 'user', content }], ...fields }
}

onEachTransport('Anthropic', (open) => {
  it.each(['/v1/messages', '/messages', '/anthropic/v1/messages', '//v1/messages/'])(
    `describes a picture at %s ${verifies('ANT-1')}`,
    async (path) => {
      const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
      const response = await client.request(path, post(ask()))
      expect(response.status).toBe(200)
      const message: unknown = await response.json()
      expect(MessageResponse.safeParse(message).success).toBe(true)
      expect(message).toMatchObject({
        content: [{ type: 'text', text: 'A dog.' }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: 590, output_tokens: 2 },
      })
    },
  )

  it(`streams the events in their order ${verifies('ANT-2')}`, async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog runs.' }) })
    const response = await client.request(PATH, post(ask({ stream: true })))
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const events = parseEvents(await response.text())
    expect(events.map(({ name }) => name)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      ...Array<string>(3).fill('content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    const text = events
      .map(({ data }) => /"text_delta","text":"([^"]*)"/.exec(data)?.[1] ?? '')
      .join('')
    expect(text).toBe('A dog runs.')
  })

  it(`calls the tool that is forced ${verifies('ANT-6')}`, async () => {
    const schema = { type: 'object', properties: { alt: { type: 'string' } }, required: ['alt'] }
    const tools = [{ name: 'save', input_schema: schema }]
    for (const choice of [{ type: 'any' }, { type: 'tool', name: 'save' }]) {
      const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
      const response = await client.request(PATH, post(ask({ tools, tool_choice: choice })))
      expect(await response.json()).toMatchObject({
        content: [{ type: 'tool_use', name: 'save', input: { alt: 'A dog' } }],
        stop_reason: 'tool_use',
      })
    }
    const client = await open()
    const fields = { tools, tool_choice: { type: 'tool', name: 'other' } }
    expect((await client.request(PATH, post(ask(fields)))).status).toBe(400)
  })

  it(`says what is wrong as Anthropic does ${verifies('ANT-3')}`, async () => {
    const client = await open({ settings: { apiKeys: ['secret'] } })
    const wrong = await client.request(PATH, post(ask(), { 'x-api-key': 'no' }))
    expect(wrong.status).toBe(401)
    expect(await wrong.json()).toMatchObject({
      type: 'error',
      error: { type: 'authentication_error', message: expect.any(String) },
      request_id: expect.any(String),
    })
    for (const name of ['x-api-key', 'api-key']) {
      const bad = await client.request(PATH, post({ messages: 5 }, { [name]: 'secret' }))
      expect(bad.status).toBe(400)
      expect(await bad.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
    }
  })

  it(`counts tokens ${verifies('ANT-5')}`, async () => {
    const client = await open()
    const counts: unknown[] = []
    for (const content of ['Hi', [block], [block, block]]) {
      const response = await client.request(`${PATH}/count_tokens`, post(ask({}, content)))
      counts.push(await response.json())
    }
    expect(counts).toEqual([{ input_tokens: 0 }, { input_tokens: 590 }, { input_tokens: 1180 }])
  })
})

describe('a forced beginning', () => {
  const caption = 'A dog runs over a meadow.'

  /** A model that goes on from the prefix of its query, as the real one does. */
  function serve() {
    const model = createFakeVisionModel({
      answers: {
        more_detailed_caption: (_, { generation: { prefix } }) =>
          prefix === undefined ? 'Another text.' : `${prefix} ${caption.slice(6)}`,
      },
    })
    return createTestApp({ captioner: createModelCaptioner(model) })
  }

  const user = { role: 'user', content: [block] }

  it.each([
    ['A dog ', 'runs over a meadow.'],
    ['A dog', ' runs over a meadow.'],
  ])(`%j gives the rest alone, at once and streamed ${verifies('ANT-4')}`, async (given, rest) => {
    const messages = [user, { role: 'assistant', content: given }]
    const whole = await serve().request(PATH, post(ask({ messages })))
    expect(await whole.json()).toMatchObject({ content: [{ text: rest }] })
    const streamed = await serve().request(PATH, post(ask({ messages, stream: true })))
    const deltas = [...(await streamed.text()).matchAll(/"text_delta","text":"([^"]*)"/g)]
    expect(deltas.map(([, text]) => text).join('')).toBe(rest)
  })

  it.each([
    ['/v1/chat/completions', { continue_final_message: true }, 'runs over a meadow.'],
    ['/v1/chat/completions', { continue_assistant_turn: true }, 'runs over a meadow.'],
    ['/v1/chat/completions', {}, 'Another text.'],
    ['/api/chat', { stream: false }, 'runs over a meadow.'],
  ])('is taken at %s with %j', async (path, fields, text) => {
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'x' }, block] },
      { role: 'assistant', content: 'A dog ' },
    ]
    const response = await serve().request(path, post({ messages, ...fields }))
    const body = await response.text()
    expect(body).toContain(`"content":${JSON.stringify(text)}`)
  })

  it.each([
    [
      'several pictures',
      [
        block,
        { type: 'text', text: 'x' },
        { ...block, source: { ...block.source, data: `${PNG_BASE64.slice(0, -4)}AAAA` } },
      ],
      'one picture, got 2',
    ],
    ['a task that gives boxes', [block, { type: 'text', text: '<OD>' }], 'got <OD>'],
  ])('is refused for %s', async (_, content, words) => {
    const messages = [
      { role: 'user', content },
      { role: 'assistant', content: 'A dog' },
    ]
    const response = await serve().request(PATH, post(ask({ messages })))
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(words)
  })
})
