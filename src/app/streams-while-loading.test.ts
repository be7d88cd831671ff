// Streams that begin before the model is there: alive in every dialect, and answered when it has come.
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFakeVisionModel, FAKE_CAPTION } from '../../test/support/fake-vision-model.ts'
import { startTestServer } from '../../test/support/http-app.ts'
import { PICTURES } from '../../test/support/pictures.ts'
import { FlocapError } from '../base/errors.ts'
import { silentLogger } from '../base/log.ts'
import { createMetrics } from '../base/metrics.ts'
import { createModelCaptioner } from '../caption/model-captioner.ts'
import { LateModel } from './late-model.ts'
import { createServingCaptioner } from './serving-captioner.ts'

const KEEP_ALIVE_MS = 20

/** @param taskTokens of the model, unknown until it is loaded. */
async function startLoadingServer(taskTokens: readonly string[] = []) {
  let load = (): void => undefined
  let fail = (): void => undefined
  const fake = createFakeVisionModel({ description: { id: 'late', taskTokens } })
  const model = new LateModel({
    id: 'late',
    demo: false,
    loadWaitMs: 3_600_000,
    prepare: async () => {
      await new Promise<void>((resolve, reject) => {
        load = resolve
        fail = () => reject(new FlocapError('invalid_model', 'The model is broken.'))
      })
      return {
        description: fake.description,
        answer: async (request, hooks) => fake.answer(request, hooks),
        state: { kind: 'ready' },
        restarts: { died: 0, hung: 0, memory: 0 },
        residentBytes: 1,
        ready: async () => undefined,
        eventuallyReady: async () => undefined,
        draw: async () => new Uint8Array([1]),
        look: async (asked) => fake.look(asked),
        close: async () => undefined,
      }
    },
  })
  const metrics = createMetrics()
  const { captioner } = createServingCaptioner(
    createModelCaptioner(model),
    model,
    { engines: 1, answerCacheMb: 1, background: 'white', maxQueue: 64 },
    metrics,
    silentLogger,
  )
  const server = await startTestServer({
    captioner,
    readiness: () => model.readiness,
    whenLoaded: async (signal) => model.described({ signal }),
    settings: { streamKeepAliveMs: KEEP_ALIVE_MS },
  })
  onTestFinished(async () => server.close())
  const running = (): number =>
    Number(/^flocap_running (\d+)$/m.exec(metrics.render())?.[1] ?? Number.NaN)
  const prompts = () => fake.requests.flatMap(({ queries }) => queries.map(({ prompt }) => prompt))
  return { url: server.url, load: () => load(), fail: () => fail(), running, prompts }
}

const image = PICTURES['png']?.toString('base64') ?? ''
const url = `data:image/png;base64,${image}`
const source = { type: 'base64', media_type: 'image/png', data: image }

const STREAMS: [path: string, body: Record<string, unknown>][] = [
  ['/api/v1/caption', { image }],
  ['/v1/chat/completions', user([{ type: 'image_url', image_url: { url } }])],
  [
    '/v1/responses',
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }] },
  ],
  ['/v1/messages', { max_tokens: 50, ...user([{ type: 'image', source }]) }],
  ['/api/generate', { model: 'x', prompt: '', images: [image] }],
  ['/api/chat', { model: 'x', messages: [{ role: 'user', content: '', images: [image] }] }],
  ['/completion', { prompt: '[img-1]', image_data: [{ id: 1, data: image }] }],
]

function user(content: readonly unknown[]): Record<string, unknown> {
  return { messages: [{ role: 'user', content }] }
}

async function open(server: string, path: string, body: Record<string, unknown>) {
  const response = await fetch(`${server}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, stream: true }),
  })
  if (!response.body) throw new Error('a stream without a body')
  expect(response.status).toBe(200)
  return response.body.pipeThrough(new TextDecoderStream()).getReader()
}

async function readOn(reader: ReadableStreamDefaultReader<string>): Promise<string> {
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text
    text += value
  }
}

describe('a stream that begins while the model is loaded', () => {
  it.each(STREAMS)('%s is kept alive, and answered when it has come', async (path, body) => {
    const server = await startLoadingServer()
    const reader = await open(server.url, path, body)
    // Several signs of life: more than an opening.
    for (let pieces = 0; pieces < 3; pieces += 1) expect((await reader.read()).done).toBe(false)
    server.load()
    const words = (await readOn(reader)).match(/[a-z]+/gi) ?? []
    expect(words).toEqual(expect.arrayContaining(FAKE_CAPTION.match(/[a-z]+/gi) ?? []))
  })

  it.each(STREAMS)('%s ends with the reason when the model fails', async (path, body) => {
    const server = await startLoadingServer()
    const reader = await open(server.url, path, body)
    server.fail()
    expect(await readOn(reader)).toContain('The model is broken.')
  })

  it.each(STREAMS)('%s frees its place when the reader goes away', async (path, body) => {
    const server = await startLoadingServer()
    const reader = await open(server.url, path, body)
    await expect.poll(server.running).toBe(1)
    await reader.cancel()
    await expect.poll(server.running).toBe(0)
  })
})

describe('a token of the model itself, named while the model is loaded,', () => {
  const OWN = [{ kind: 'token', token: '<MIX_CAPTION>' }]
  const suffixed = { model: 'late:MIX_CAPTION' }
  const content = [
    { type: 'text', text: '<MIX_CAPTION>' },
    { type: 'image_url', image_url: { url } },
  ]

  const NAMED: [where: string, path: string, body: Record<string, unknown>][] = [
    ['task', '/api/v1/caption', { image, task: 'mix-caption' }],
    ['list of tasks', '/api/v1/caption', { image, tasks: [{ task: '<MIX_CAPTION>' }] }],
    ['model', '/v1/chat/completions', { ...suffixed, ...user(content.slice(1)) }],
    ['text', '/v1/chat/completions', user(content)],
    ['model', '/api/generate', { ...suffixed, prompt: '', images: [image], stream: false }],
    [
      'prompt',
      '/api/generate',
      { model: 'x', prompt: '<MIX_CAPTION>', images: [image], stream: false },
    ],
    ['prompt', '/completion', { prompt: '<MIX_CAPTION>', image_data: [{ id: 1, data: image }] }],
  ]

  const ask = async (server: string, path: string, body: Record<string, unknown>) =>
    fetch(`${server}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  it.each(NAMED)('as %s at %s runs its own task and no other', async (_, path, body) => {
    const server = await startLoadingServer(['<MIX_CAPTION>'])
    const asked = ask(server.url, path, body)
    // Whatever else comes meanwhile is answered: the request has arrived before the model does.
    await fetch(`${server.url}/livez`)
    server.load()
    expect((await asked).status).toBe(200)
    expect(server.prompts()).toEqual([OWN])
  })

  it.each(NAMED)('as %s at %s gets the reason when the model fails', async (_, path, body) => {
    const server = await startLoadingServer(['<MIX_CAPTION>'])
    const asked = ask(server.url, path, body)
    await fetch(`${server.url}/livez`)
    server.fail()
    expect(await (await asked).text()).toContain('The model is broken.')
  })
})
