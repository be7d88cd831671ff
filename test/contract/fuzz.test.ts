// Thousands of requests that nobody means to send: FloCap answers each, in time, in the dialect of
// its path, and never with a 5xx, because nothing but the request is at fault.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as a1111 from '../../src/http/surfaces/a1111/schema.ts'
import * as anthropic from '../../src/http/surfaces/anthropic/schema.ts'
import * as extras from '../../src/http/surfaces/extras/schema.ts'
import * as native from '../../src/http/surfaces/native/schema.ts'
import * as ollama from '../../src/http/surfaces/ollama/schema.ts'
import * as openai from '../../src/http/surfaces/openai/schema.ts'
import { createTestApp } from '../support/http-app.ts'
import { PNG_BASE64, PNG_DATA_URL } from '../support/pictures.ts'
import type { NastyRequest } from './support/nasty.ts'
import { nastyRequest } from './support/nasty.ts'

/** Requests to each surface in one run. */
const RUNS = 2_000

/** Far more than the slowest of them needs on a busy machine. */
const PATIENCE_MS = 10_000

const image = { type: 'image_url', image_url: { url: PNG_DATA_URL, detail: 'auto' } }
const text = { type: 'text', text: '<OD>' }
const chat = {
  model: 'x',
  messages: [
    { role: 'system', content: 'x' },
    { role: 'user', content: [text, image], image_url: PNG_DATA_URL },
  ],
  stream: true,
  stream_options: { include_usage: true },
  n: 2,
  stop: ['x'],
  max_tokens: 50,
  max_completion_tokens: 50,
  response_format: { type: 'json_schema', json_schema: { schema: { properties: {} } } },
}
const responses = {
  model: 'x',
  input: [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'x' },
        { type: 'input_image', image_url: PNG_DATA_URL, file_id: 'x' },
      ],
    },
  ],
  instructions: 'x',
  max_output_tokens: 5,
  metadata: { a: 'b' },
  stream: true,
  text: { format: { type: 'json_object' } },
}
const generate = {
  model: 'x',
  prompt: '<OCR>',
  images: [PNG_BASE64],
  stream: false,
  format: 'json',
  keep_alive: 0,
  options: { num_predict: 5, stop: ['x'] },
}
const ollamaChat = {
  ...generate,
  messages: [{ role: 'user', content: 'x', images: [PNG_BASE64] }],
  stream: true,
}
const nativeBody = {
  image: { data: PNG_BASE64, name: 'x' },
  images: [PNG_DATA_URL],
  task: 'od, ocr',
  tasks: ['od', { task: 'region_to_ocr', region: [1, 2, 3, 4], region_unit: 'pixel' }],
  overlay: 'svg',
  stream: true,
  apply_orientation: true,
  num_beams: 3,
  max_new_tokens: 5,
  early_stopping: true,
  length_penalty: 1,
  no_repeat_ngram_size: 3,
  num_return_sequences: 2,
  stopping_rule: 'classic',
  prefix: 'x',
  stop: ['x'],
}

const messages = {
  model: 'x',
  max_tokens: 50,
  system: [{ type: 'text', text: 'x' }],
  messages: [
    {
      role: 'user',
      content: [
        {
          type: 'image',
          source: { type: 'base64', media_type: 'image/png', data: PNG_BASE64 },
        },
        { type: 'tool_result', content: [text] },
      ],
    },
    { role: 'assistant', content: 'A ' },
  ],
  stop_sequences: ['x'],
  stream: true,
  frames: 'sample',
}

const SURFACES = {
  extras: {
    posts: ['/api/caption'],
    others: ['/api/modules'],
    bodies: [{ image: PNG_BASE64 }, { image: PNG_DATA_URL }],
    errorBody: extras.ErrorResponse,
  },
  openai: {
    posts: ['/chat/completions', '/responses'],
    others: ['/models', '/models/x', '/nowhere'],
    bodies: [chat, responses],
    errorBody: openai.ErrorResponse,
  },
  ollama: {
    posts: ['/api/generate', '/api/chat', '/api/show', '/api/pull'],
    others: ['/api/tags', '/api/ps', '/api/embed'],
    bodies: [generate, ollamaChat, { model: 'florence-2-large', name: 'x', stream: false }],
    errorBody: ollama.ErrorResponse,
  },
  a1111: {
    posts: ['/sdapi/v1/interrogate', '/sdapi/v1/vqa', '/sdapi/v1/caption'],
    others: ['/sdapi/v1/options', '/sdapi/v1/vqa/models', '/sdapi/v1/x'],
    bodies: [{ image: PNG_BASE64, model: 'clip', question: '<OD>', prompt: 'x', backend: 'vlm' }],
    errorBody: a1111.ErrorResponse,
  },
  anthropic: {
    posts: ['/messages', '/messages/count_tokens'],
    others: ['/messages/batches'],
    bodies: [messages],
    errorBody: anthropic.ErrorResponse,
  },
  kobold: {
    posts: ['/api/v1/generate'],
    others: ['/api/v1/model', '/api/v1/info/version', '/api/v0/models', '/api/v1/models'],
    bodies: [
      { prompt: 'x', memory: '<OD>', images: [PNG_BASE64], max_length: 5, stop_sequence: ['x'] },
    ],
    errorBody: openai.ErrorResponse,
  },
  llamacpp: {
    posts: ['/completion'],
    others: ['/props', '/internal/model/info', '/api/extra/version'],
    bodies: [
      {
        prompt: '[img-1]x',
        image_data: [{ data: PNG_BASE64, id: 1 }],
        n_predict: 5,
        stop: 'x',
        stream: true,
      },
    ],
    errorBody: openai.ErrorResponse,
  },
  native: {
    posts: ['/api/v1/caption'],
    others: ['/api/v1/tasks', '/api/v1/status', '/api/v1/x'],
    bodies: [nativeBody],
    errorBody: native.ErrorResponse,
  },
  health: {
    posts: [],
    others: ['/', '/health', '/ready', '/readyz', '/livez', '/docs', '/openapi.json'],
    bodies: [{}],
    errorBody: openai.ErrorResponse,
  },
} as const

async function answerOf(app: ReturnType<typeof createTestApp>, { path, init }: NastyRequest) {
  const response = await app.request(`http://127.0.0.1${path}`, init)
  return { response, body: await response.text() }
}

describe.each(Object.entries(SURFACES))('%s', (_, { errorBody, ...plan }) => {
  it(`answers ${RUNS} requests that make no sense, each in its own dialect`, async () => {
    const app = createTestApp()
    const seen = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(nastyRequest(plan), async (request) => {
        const { response, body } = await answerOf(app, request)
        seen.set(response.status, (seen.get(response.status) ?? 0) + 1)
        expect(response.status).toBeLessThan(500)
        expect(response.headers.get('x-request-id')).not.toBeNull()
        const failed = response.status >= 400 && request.init.method !== 'HEAD'
        // A path with something behind it may belong to another surface, or to none.
        if (failed && !request.path.endsWith('/x')) {
          expect(response.headers.get('content-type')).toContain('application/json')
          expect(errorBody.safeParse(JSON.parse(body)).success).toBe(true)
        }
      }),
      { numRuns: RUNS, timeout: PATIENCE_MS },
    )
    // The noise reaches all the way in: many requests still succeed, many are refused.
    expect(seen.get(200)).toBeGreaterThan(RUNS / 20)
    const refused = [...seen].filter(([status]) => status >= 400).map(([, count]) => count)
    expect(refused.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(RUNS / 20)
  })
})
