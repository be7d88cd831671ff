import { describe, expect, it } from 'vitest'
import { FlocapError } from '../../../src/base/errors.ts'
import { createModelCaptioner } from '../../../src/caption/model-captioner.ts'
import { ChatResponse } from '../../../src/http/surfaces/openai/schema.ts'
import { DEMO_MODEL, createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createFakeVisionModel } from '../../support/fake-vision-model.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { record } from '../support/recording.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'
import { ask, CHAT_PATH, captionChat, image, text, user } from './chats.ts'

const PATH = CHAT_PATH
const HELPFUL = expect.stringContaining('Send a message with an image')

onEachTransport('Chat completions', (open) => {
  it.each([
    '/chat/completions',
    '//chat/completions',
    '/v1/chat/completions',
    '/v1//chat/completions',
    '/v1/chat/completions/',
    '/v1/chat/completions/chat/completions',
    '/v1/chat/completions/v1/chat/completions',
  ])(
    `answers at %s without a redirect ${verifies('ST-5', 'TRAP-1', 'TRAP-2', 'TRAP-3')}`,
    async (path) => {
      const client = await open()
      const response = await client.request(path, { ...post(captionChat()), redirect: 'manual' })
      expect(response.status).toBe(200)
      expect(await response.json()).toMatchObject({ object: 'chat.completion' })
    },
  )

  it.each(['', 'koboldcpp_current', 'gpt-5.6-luna', 'llava:7b', 'x:latest', null, undefined])(
    `takes the model %j for the default task ${verifies('ST-6', 'OBS-2', 'TRAP-5')}`,
    async (model) => {
      const captioner = createFakeCaptioner()
      const client = await open({ captioner })
      const response = await client.request(PATH, post(captionChat({ model })))
      expect(response.status).toBe(200)
      expect(captioner.calls[0]?.request.task).toBe('more_detailed_caption')
    },
  )

  it(`takes Bearer without a token for no key ${verifies('ST-7', 'TRAP-4')}`, async () => {
    const body = post(captionChat(), { authorization: 'Bearer' })
    expect((await (await open()).request(PATH, body)).status).toBe(200)
    const guarded = await open({ settings: { apiKeys: ['secret'] } })
    expect((await guarded.request(PATH, body)).status).toBe(401)
  })

  it.each([
    ["SillyTavern's test message", { messages: [user('Hi')], temperature: 1, max_tokens: 300 }],
    ['a text part', { messages: [user([text('Hi')])] }],
    ['empty content', { messages: [user([])] }],
    ['null content', { messages: [user(null)] }],
    ['no message at all', { messages: [] }],
    ['a request for a title', { messages: [user('Generate a title')], stream: false }],
  ])(
    `answers %s with 200 and a helpful sentence ${verifies('ST-8', 'LLMV-1', 'OWUI-2', 'TRAP-25')}`,
    async (_, body) => {
      const captioner = createFakeCaptioner()
      const client = await open({ captioner })
      const response = await client.request(PATH, post(body))
      expect(response.status).toBe(200)
      expect(response.headers.get('x-flocap-task')).toBe('none')
      expect(await response.json()).toMatchObject({
        choices: [{ message: { content: HELPFUL }, finish_reason: 'stop' }],
      })
      expect(captioner.calls).toHaveLength(0)
    },
  )

  it('refuses text-only chats where that is configured', async () => {
    const client = await open({ settings: { textOnly: 'error' } })
    const response = await client.request(PATH, post({ messages: [user('Hi')] }))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'missing_image' } })
  })

  it(`answers with every required field ${verifies('SDK-1', 'ST-10', 'TRAP-7')}`, async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const body: unknown = await (await client.request(PATH, post(captionChat()))).json()
    expect(ChatResponse.parse(body)).toEqual(body)
    expect(body).toMatchObject({
      object: 'chat.completion',
      model: 'florence-2-large',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'A dog.', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 590, completion_tokens: 2, total_tokens: 592 },
    })
  })

  it(`is an error status when the model yields nothing ${verifies('ST-10', 'SDK-4', 'TRAP-16')}`, async () => {
    const model = createFakeVisionModel({ answers: { more_detailed_caption: '' } })
    const client = await open({ captioner: createModelCaptioner(model) })
    for (const stream of [false, true]) {
      const response = await client.request(PATH, post(captionChat({ stream })))
      expect(response.status).toBe(500)
      expect(response.headers.get('x-should-retry')).toBe('false')
      expect(await response.json()).toMatchObject({ error: { code: 'empty_answer' } })
    }
  })

  it('answers exactly as recorded', async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const answers = {
      'chat.txt': captionChat(),
      'chat-text-only.txt': { messages: [user('Hi')] },
      'chat-json.txt': captionChat({ response_format: { type: 'json_object' } }),
      'error.txt': { messages: [user([image('https://example.com/a.png')])] },
    }
    for (const [name, body] of Object.entries(answers)) {
      const response = await client.request(PATH, post(body))
      await expect(await record(response)).toMatchFileSnapshot(`recorded/${name}`)
    }
  })
})

describe('errors of chats', () => {
  it(`have all four fields, and FloCap's own words ${verifies('SDK-3', 'OWUI-3', 'TRAP-15')}`, async () => {
    for (const stream of [false, true]) {
      const error = new FlocapError('invalid_image', 'The file ends too early.', {
        hint: 'Resend.',
      })
      const captioner = createFakeCaptioner({ error })
      const { response, answer } = await ask(captionChat({ stream }), captioner)
      expect(response.status).toBe(400)
      expect(response.headers.get('content-type')).toContain('application/json')
      expect(answer).toEqual({
        error: {
          message: 'The file ends too early. Resend.',
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_image',
        },
      })
    }
  })

  it(`say when to come again, with 503 and never 429 ${verifies('SDK-4', 'TRAP-16')}`, async () => {
    const error = new FlocapError('queue_full', 'Full.', { retryAfterSeconds: 3 })
    const { response } = await ask(captionChat(), createFakeCaptioner({ error }))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('3')
    expect(response.headers.get('x-should-retry')).toBeNull()
  })
})

describe('the demo model', () => {
  it('is named in header and body', async () => {
    const captioner = createFakeCaptioner({ model: DEMO_MODEL })
    const { response, answer } = await ask(captionChat({ model: 'florence-2-large' }), captioner)
    expect(response.headers.get('x-flocap-demo')).toBe('true')
    expect(answer).toMatchObject({ model: 'flocap-demo', flocap: { demo: true } })
  })
})

describe('clients of n8n', () => {
  it(`may send an empty organisation ${verifies('N8N-1')}`, async () => {
    const headers = { 'OpenAI-Organization': '' }
    const response = await createTestApp().request(PATH, post(captionChat(), headers))
    expect(response.status).toBe(200)
  })
})
