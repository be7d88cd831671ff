// Neighbouring pictures that look alike are described once in every dialect that takes several, whether
// the answer is text, a stream or JSON.
import { describe, expect, it } from 'vitest'
import { LOOK_SIDE, type PictureLook } from '../../src/caption/ports.ts'
import type { Look } from '../../src/http/surface.ts'
import { createFakeCaptioner } from '../support/fake-captioner.ts'
import { createTestApp, post } from '../support/http-app.ts'
import { PNG } from '../support/pictures.ts'

/** Files that differ, of which the first two look the same, and the third as no other. */
const FILES = [100, 101, 200].map((brightness) => Buffer.concat([PNG, Buffer.of(brightness)]))
const [BASE64, URLS] = [
  FILES.map((file) => file.toString('base64')),
  FILES.map((file) => `data:image/png;base64,${file.toString('base64')}`),
]

const look: Look = async (pictures) =>
  pictures.map((picture): PictureLook => ({
    width: 64,
    height: 64,
    cells: new Uint8Array(LOOK_SIDE * LOOK_SIDE * 3).fill(picture.at(-1) ?? 0),
  }))

const message = {
  role: 'user',
  content: URLS.map((url) => ({ type: 'image_url', image_url: { url } })),
}
const schema = { type: 'object', properties: { caption: { type: 'string' } } }

const DIALECTS: readonly (readonly [string, string, object])[] = [
  ['OpenAI chat', '/v1/chat/completions', { messages: [message] }],
  [
    'OpenAI chat as JSON',
    '/v1/chat/completions',
    {
      messages: [message],
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
    },
  ],
  ['OpenAI chat as a stream', '/v1/chat/completions', { messages: [message], stream: true }],
  [
    'OpenAI Responses',
    '/v1/responses',
    {
      input: [
        { role: 'user', content: URLS.map((url) => ({ type: 'input_image', image_url: url })) },
      ],
    },
  ],
  [
    'Anthropic',
    '/v1/messages',
    {
      max_tokens: 99,
      messages: [
        {
          role: 'user',
          content: BASE64.map((data) => ({
            type: 'image',
            source: { type: 'base64', media_type: 'image/png', data },
          })),
        },
      ],
    },
  ],
  [
    'Ollama chat',
    '/api/chat',
    { messages: [{ role: 'user', content: 'x', images: BASE64 }], stream: false },
  ],
  ['Ollama generate', '/api/generate', { prompt: 'x', images: BASE64, stream: false }],
  ['KoboldAI', '/api/v1/generate', { prompt: 'x', images: BASE64 }],
  ['llama.cpp', '/completion', { prompt: 'x', image_data: BASE64.map((data) => ({ data })) }],
]

describe.each(DIALECTS)('%s', (_, path, body) => {
  it('describes neighbours that look alike once', async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const app = createTestApp({ captioner, look })
    const response = await app.request(path, post(body))
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('Images 1-2')
    const asked = captioner.calls.map(({ request }) => request.picture.at(-1))
    expect(asked).toEqual([100, 200])
  })

  it('describes each where none of them is alike', async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const differs: Look = async (pictures) =>
      (await look(pictures, new AbortController().signal)).map((each, index) => ({
        ...each,
        width: index,
      }))
    const response = await createTestApp({ captioner, look: differs }).request(path, post(body))
    expect(response.status).toBe(200)
    expect(captioner.calls).toHaveLength(3)
  })
})
