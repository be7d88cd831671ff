import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseImageHosts } from '../../../src/http/image-url/allowed-hosts.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { post } from '../../support/http-app.ts'
import { portOf } from '../../support/port-of.ts'
import { PNG, PNG_DATA_URL } from '../../support/pictures.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

/** Every place that takes a data URL: the path, a body with `url` in that place. */
const PLACES: readonly (readonly [name: string, path: string, body: (url: string) => unknown])[] = [
  [
    'chat, in an object',
    '/v1/chat/completions',
    (url) => ({
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    }),
  ],
  [
    'chat, as a string',
    '/v1/chat/completions',
    (url) => ({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: url }] }] }),
  ],
  [
    'chat, streamed',
    '/v1/chat/completions',
    (url) => ({
      stream: true,
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    }),
  ],
  [
    'responses',
    '/v1/responses',
    (url) => ({ input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }] }),
  ],
  ['native, image', '/api/v1/caption', (url) => ({ image: url })],
  ['native, images', '/api/v1/caption', (url) => ({ images: [{ data: url, name: 'a' }] })],
  ['Ollama generate', '/api/generate', (url) => ({ images: [url], prompt: 'x', stream: false })],
  [
    'Ollama chat',
    '/api/chat',
    (url) => ({ messages: [{ role: 'user', content: 'x', images: [url] }], stream: false }),
  ],
  ['llama.cpp', '/completion', (url) => ({ prompt: 'x', image_data: [{ data: url, id: 1 }] })],
  ['Extras', '/api/caption', (url) => ({ image: url })],
  ['AUTOMATIC1111', '/sdapi/v1/interrogate', (url) => ({ image: url })],
]

let pictures: Server
let base: string
let fetches = 0

beforeAll(async () => {
  pictures = createServer((incoming, outgoing) => {
    fetches += 1
    if (incoming.url === '/a.png') outgoing.setHeader('content-type', 'image/png').end(PNG)
    else if (incoming.url === '/page') outgoing.setHeader('content-type', 'text/html').end('<p>')
    else if (incoming.url === '/large') outgoing.writeHead(200, { 'content-length': 1e9 }).end()
    else if (incoming.url === '/inner') outgoing.writeHead(302, { location: 'http://[::1]/' }).end()
    else outgoing.writeHead(404).end()
  })
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve))
  base = `http://localhost:${portOf(pictures)}`
})

afterAll(() => pictures.close())

const open = () => ({ imageHosts: parseImageHosts(['*', new URL(base).host]) })

onEachTransport('image URLs', (openClient) => {
  describe.each(PLACES)('in %s', (_, path, body) => {
    it(`are fetched where they may be ${verifies('URL-1')}`, async () => {
      const captioner = createFakeCaptioner()
      const client = await openClient({ captioner, settings: open() })
      const response = await client.request(path, post(body(`${base}/a.png`)))
      expect(response.status).toBe(200)
      await response.arrayBuffer()
      const [call] = captioner.calls
      expect(Buffer.from(call?.request.picture ?? []).equals(PNG)).toBe(true)
    })

    it(`are refused by default, and nothing is fetched ${verifies('URL-2')}`, async () => {
      const client = await openClient()
      const before = fetches
      const response = await client.request(path, post(body(`${base}/a.png`)))
      expect(response.status).toBe(400)
      expect(response.headers.get('content-type')).toMatch(/^application\/json/)
      expect(await response.text()).toMatch(/"error".*--allow-image-urls/)
      expect(fetches).toBe(before)
    })

    it.each([
      ['/missing', 'There is nothing at the image URL'],
      ['/page', 'something that is not an image'],
      ['/large', 'has more than'],
      ['/inner', 'a network that images are not fetched from'],
    ])(`that fail (%s) say why ${verifies('URL-3')}`, async (file, text) => {
      const client = await openClient({ settings: open() })
      const response = await client.request(path, post(body(base + file)))
      expect(response.status).toBe(400)
      expect(await response.text()).toContain(text)
    })

    it(`leave data URLs as they are ${verifies('URL-4')}`, async () => {
      const client = await openClient({ settings: open() })
      const response = await client.request(path, post(body(PNG_DATA_URL)))
      expect(response.status).toBe(200)
      await response.arrayBuffer()
    })
  })

  it.each([
    ['/missing', 'image_file_not_found'],
    ['/page', 'unsupported_image_format'],
    ['/large', 'image_file_too_large'],
    ['/inner', 'image_address_refused'],
  ])(
    `that fail (%s) have the code %s in dialects with codes ${verifies('URL-3')}`,
    async (file, code) => {
      const client = await openClient({ settings: open() })
      const [, path, body] = PLACES[0]!
      const response = await client.request(path, post(body(base + file)))
      expect(await response.json()).toMatchObject({ error: { code } })
      const native = await client.request('/api/v1/caption', post({ image: base + file }))
      expect(await native.json()).toMatchObject({ error: { code, subject: 'image' } })
    },
  )

  it(`of hosts that are not listed are not fetched ${verifies('URL-2')}`, async () => {
    const client = await openClient({ settings: { imageHosts: parseImageHosts(['nas.lan']) } })
    const before = fetches
    const response = await client.request('/api/v1/caption', post({ image: `${base}/a.png` }))
    expect(await response.json()).toMatchObject({ error: { code: 'image_url_not_allowed' } })
    expect(fetches).toBe(before)
  })

  it(`beyond the limit of images are not fetched ${verifies('URL-4')}`, async () => {
    const client = await openClient({ settings: { ...open(), maxImages: 2 } })
    const before = fetches
    const images = Array.from({ length: 3 }, () => `${base}/a.png`)
    const content = images.map((url) => ({ type: 'image_url', image_url: { url } }))
    for (const [path, body] of [
      ['/api/v1/caption', { images }],
      ['/api/generate', { images }],
      ['/v1/chat/completions', { messages: [{ role: 'user', content }] }],
    ] as const) {
      expect((await client.request(path, post(body))).status).toBe(400)
    }
    expect(fetches).toBe(before)
  })
})
