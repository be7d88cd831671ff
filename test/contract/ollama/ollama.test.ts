import { expect, it } from 'vitest'
import { z } from 'zod'
import { FlocapError } from '../../../src/base/errors.ts'
import * as schema from '../../../src/http/surfaces/ollama/schema.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { post } from '../../support/http-app.ts'
import { PNG, PNG_BASE64, PNG_DATA_URL } from '../../support/pictures.ts'
import { parseLines } from '../../support/streams.ts'
import { record } from '../support/recording.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

/** What SillyTavern sends. */
function generate(fields: object = {}): object {
  return { model: 'llava', prompt: 'What is this?', images: [PNG_BASE64], stream: false, ...fields }
}

function chat(fields: object = {}): object {
  const messages = [{ role: 'user', content: 'What is this?', images: [PNG_BASE64] }]
  return { model: 'llava', messages, stream: false, ...fields }
}

const Pieces = z.array(
  z.looseObject({ done: z.boolean(), response: z.string().optional(), model: z.string() }),
)

onEachTransport('Ollama', (open) => {
  it(`/api/generate answers response and the fields around it ${verifies('ST-11', 'CUI-1', 'TRAP-19')}`, async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const response = await client.request('/api/generate', post(generate()))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('application/json')
    const body: unknown = await response.json()
    expect(schema.GenerateResponse.parse(body)).toEqual(body)
    expect(body).toMatchObject({
      model: 'florence-2-large',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      response: 'A dog.',
      done: true,
      done_reason: 'stop',
      context: [],
      total_duration: 10_000_000,
      load_duration: 0,
      prompt_eval_count: 590,
      prompt_eval_duration: 6_000_000,
      eval_count: 2,
      eval_duration: 4_000_000,
    })
  })

  it(`/api/generate takes PhotoPrism's fields and no content type ${verifies('PP-1', 'TRAP-14')}`, async () => {
    const client = await open()
    const body = generate({ id: 'x', suffix: '', options: { num_ctx: 4096 }, think: false })
    for (const type of ['', 'text/plain', 'application/x-www-form-urlencoded']) {
      const response = await client.request('/api/generate', post(body, { 'content-type': type }))
      expect(response.status).toBe(200)
      expect(await response.json()).toMatchObject({ response: expect.any(String) })
    }
  })

  it(`streams lines by default, the last one done ${verifies('TRAP-18', 'TRAP-19')}`, async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const response = await client.request('/api/generate', post(generate({ stream: undefined })))
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = Pieces.parse(parseLines(await response.text()))
    expect(lines.map(({ done }) => done)).toEqual([false, false, true])
    expect(lines.map((line) => line.response).join('')).toBe('A dog.')
    expect(lines.at(-1)).toMatchObject({ done_reason: 'stop', context: [], eval_count: 2 })
  })

  it('/api/chat answers a message, at once and streamed', async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const whole: unknown = await (await client.request('/api/chat', post(chat()))).json()
    expect(schema.ChatResponse.parse(whole)).toEqual(whole)
    expect(whole).toMatchObject({ message: { role: 'assistant', content: 'A dog.' }, done: true })
    expect(whole).not.toHaveProperty('context')
    const streamed = await client.request('/api/chat', post(chat({ stream: null })))
    const lines = z.array(schema.ChatResponse).parse(parseLines(await streamed.text()))
    expect(lines.map(({ message }) => message.content).join('')).toBe('A dog.')
    expect(lines.at(-1)?.done).toBe(true)
  })

  it(`finds prompt and picture in two messages ${verifies('LC-2', 'TRAP-6')}`, async () => {
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    const messages = [
      { role: 'user', content: '<OCR>' },
      { role: 'user', content: '', images: [PNG_BASE64] },
    ]
    expect((await client.request('/api/chat', post(chat({ messages })))).status).toBe(200)
    expect(captioner.calls[0]?.request.task).toBe('ocr')
  })

  it(`takes pictures beside the messages once, and a prompt that is a list ${verifies('LLMV-5')}`, async () => {
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    const twice = chat({ prompt: [], system: 'x', think: false, images: [PNG_BASE64] })
    expect((await client.request('/api/chat', post(twice))).status).toBe(200)
    const beside = { ...twice, messages: [{ role: 'user', content: 'x' }] }
    expect((await client.request('/api/chat', post(beside))).status).toBe(200)
    expect(captioner.calls).toHaveLength(2)
  })

  it('captions a picture that comes without a prompt, as bare base64 or as a data URL', async () => {
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    for (const image of [PNG_BASE64, PNG_DATA_URL]) {
      await client.request('/api/generate', post(generate({ prompt: '', images: [image] })))
    }
    for (const { request } of captioner.calls) expect(Buffer.from(request.picture)).toEqual(PNG)
    expect(captioner.calls).toHaveLength(2)
  })

  it('answers requests without a prompt as loading and unloading, in one object', async () => {
    const client = await open()
    const ask = async (path: string, body: object) =>
      (await client.request(path, post(body))).json()
    expect(await ask('/api/generate', { model: 'x' })).toMatchObject({
      response: '',
      done: true,
      done_reason: 'load',
    })
    expect(await ask('/api/chat', { model: 'x', messages: [], keep_alive: 0 })).toMatchObject({
      message: { content: '' },
      done: true,
      done_reason: 'unload',
    })
  })

  it(`answers text-only requests with 200 ${verifies('TRAP-25')}`, async () => {
    const client = await open()
    const hi = await client.request('/api/generate', post({ prompt: 'Hi', stream: false }))
    expect(hi.status).toBe(200)
    expect(await hi.json()).toMatchObject({ response: expect.stringContaining('image') })
    const messages = [{ role: 'user', content: 'Hi' }]
    const chatted = await client.request('/api/chat', post({ messages, stream: false }))
    expect(await chatted.json()).toMatchObject({
      message: { content: expect.stringContaining('image') },
    })
  })

  it('answers JSON where a format asks for it', async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const format = { type: 'object', properties: { alt: { type: 'string' } } }
    const formats = [
      ['json', '{"caption":"A dog."}'],
      [format, '{"alt":"A dog"}'],
      ['', 'A dog.'],
      [null, 'A dog.'],
    ]
    for (const [asked, expected] of formats) {
      const response = await client.request('/api/generate', post(generate({ format: asked })))
      expect(await response.json()).toMatchObject({ response: expected })
    }
  })

  it('passes on num_predict and stop', async () => {
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    const options = { num_predict: 100, stop: ['\n'], temperature: 0 }
    await client.request('/api/generate', post(generate({ options })))
    await client.request('/api/generate', post(generate({ options: { num_predict: -1 } })))
    expect(captioner.calls.map(({ request }) => request.generation)).toEqual([
      { maxNewTokens: 102, stop: ['\n'] },
      {},
    ])
  })

  it(`takes any model name, and a task as its tag ${verifies('TRAP-5')}`, async () => {
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    for (const model of [
      'moondream',
      'florence-2-large:latest',
      'florence-2-large:ocr',
      '',
      null,
    ]) {
      expect((await client.request('/api/generate', post(generate({ model })))).status).toBe(200)
    }
    expect(captioner.calls[2]?.request.task).toBe('ocr')
  })

  it('lists the model with tags, and as running when it is ready', async () => {
    const client = await open()
    const tags = schema.TagsResponse.parse(await (await client.request('/api/tags')).json())
    expect(tags.models[0]).toMatchObject({
      name: 'florence-2-large:latest',
      model: 'florence-2-large:latest',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      details: { family: 'florence2', parameter_size: '776.0M', quantization_level: 'int8' },
      capabilities: ['completion', 'vision'],
    })
    expect(tags.models.map(({ name }) => name)).toContain('florence-2-large:ocr')
    expect(await (await client.request('/api/ps')).json()).toMatchObject({
      models: [{ model: 'florence-2-large:latest' }],
    })
    const loading = await open({ readiness: () => ({ ready: false, reason: 'loading' }) })
    expect(await (await loading.request('/api/ps')).json()).toEqual({ models: [] })
  })

  it(`shows the model, with model_info ${verifies('TRAP-19')}`, async () => {
    const client = await open()
    for (const body of [{ model: 'florence-2-large' }, { name: 'florence-2-large:latest' }]) {
      const response = await client.request('/api/show', post(body))
      const shown: unknown = await response.json()
      expect(schema.ShowResponse.parse(shown)).toEqual(shown)
      expect(shown).toMatchObject({
        model_info: { 'general.architecture': 'florence2' },
        capabilities: expect.arrayContaining(['vision']),
      })
    }
    const unknown = await client.request('/api/show', post({ model: 'llava' }))
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toEqual({ error: expect.stringContaining('florence-2-large') })
  })

  it('pulls what it has, and says what it has for all else', async () => {
    const client = await open()
    const body = { model: 'florence-2-large:latest' }
    const streamed = await client.request('/api/pull', post(body))
    expect(parseLines(await streamed.text())).toEqual([{ status: 'success' }])
    const whole = await client.request('/api/pull', post({ ...body, stream: false }))
    expect(await whole.json()).toEqual({ status: 'success' })
    expect((await client.request('/api/pull', post({ model: 'llava' }))).status).toBe(404)
  })

  it('tells its version, with GET and HEAD', async () => {
    const client = await open()
    expect(await (await client.request('/api/version')).json()).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    })
    expect((await client.request('/api/version', { method: 'HEAD' })).status).toBe(200)
  })

  it.each([
    ['a broken picture', '/api/generate', generate({ images: ['<html>'] }), 400],
    ['a web address', '/api/generate', generate({ images: ['http://x/y.png'] }), 400],
    ['images that are no list', '/api/generate', generate({ images: PNG_BASE64 }), 400],
    ['a prompt that is a number', '/api/generate', generate({ prompt: 5 }), 400],
    ['messages that are text', '/api/chat', chat({ messages: 'Hi' }), 400],
    ['a route that is not there', '/api/embed', {}, 404],
  ])(`answers %s with one error text ${verifies('TRAP-15')}`, async (_, path, body, status) => {
    const response = await (await open()).request(path, post(body))
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error: expect.stringMatching(/\w/) })
  })

  it(`fails with a status before the first byte, with a line after it ${verifies('TRAP-17')}`, async () => {
    const error = new FlocapError('engine_failed', 'The engine died.')
    const early = await open({ captioner: createFakeCaptioner({ error }) })
    const refused = await early.request('/api/chat', post(chat({ stream: true })))
    expect(refused.status).toBe(503)
    expect(await refused.json()).toEqual({ error: 'The engine died.' })
    const late = await open({ captioner: createFakeCaptioner({ errorAfterText: error }) })
    const broken = await late.request('/api/chat', post(chat({ stream: true })))
    expect(broken.status).toBe(200)
    expect(parseLines(await broken.text()).at(-1)).toEqual({ error: 'The engine died.' })
  })

  it('shows signs of life while the model works, which add nothing to the text', async () => {
    const client = await open({
      captioner: createFakeCaptioner({ delayMs: 200, text: 'A dog.' }),
      settings: { streamKeepAliveMs: 50 },
    })
    const response = await client.request('/api/generate', post(generate({ stream: true })))
    const lines = Pieces.parse(parseLines(await response.text()))
    expect(lines[0]).toMatchObject({ response: '', done: false })
    expect(lines.map((line) => line.response).join('')).toBe('A dog.')
  })

  it('answers exactly as recorded', async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const answers = {
      'generate.txt': () => client.request('/api/generate', post(generate())),
      'generate-stream.txt': () =>
        client.request('/api/generate', post(generate({ stream: true }))),
      'chat.txt': () => client.request('/api/chat', post(chat())),
      'chat-stream.txt': () => client.request('/api/chat', post(chat({ stream: true }))),
      'load.txt': () => client.request('/api/generate', post({ model: 'x' })),
      'tags.txt': () => client.request('/api/tags'),
      'show.txt': () => client.request('/api/show', post({ model: 'florence-2-large' })),
      'ps.txt': () => client.request('/api/ps'),
      'version.txt': () => client.request('/api/version'),
      'error.txt': () => client.request('/api/generate', post(generate({ images: ['<'] }))),
    }
    for (const [name, request] of Object.entries(answers)) {
      await expect(await record(await request())).toMatchFileSnapshot(`recorded/${name}`)
    }
  })
})
