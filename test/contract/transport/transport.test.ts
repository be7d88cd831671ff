// What holds on every surface: paths, bodies, pages, errors, disconnects.
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { FlocapError } from '../../../src/base/errors.ts'
import type { HttpServer } from '../../../src/http/server.ts'
import { createHttpServer } from '../../../src/http/server.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createTestApp, post, servicesFor } from '../../support/http-app.ts'
import { PNG, PNG_BASE64, PNG_DATA_URL } from '../../support/pictures.ts'
import { verifies } from '../support/requirements.ts'
import type { Client } from '../support/transports.ts'
import { onEachTransport } from '../support/transports.ts'

/** One captioning request of each dialect, and where its error text stands. */
const DIALECTS = {
  extras: ['/api/caption', { image: PNG_BASE64 }],
  chat: [
    '/v1/chat/completions',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: PNG_DATA_URL }] }] },
  ],
  responses: [
    '/v1/responses',
    {
      input: [{ role: 'user', content: [{ type: 'input_image', image_url: PNG_DATA_URL }] }],
    },
  ],
  generate: ['/api/generate', { images: [PNG_BASE64], stream: false }],
  ollamaChat: [
    '/api/chat',
    { messages: [{ role: 'user', content: 'x', images: [PNG_BASE64] }], stream: false },
  ],
  interrogate: ['/sdapi/v1/interrogate', { image: PNG_BASE64 }],
  completion: ['/completion', { prompt: '', image_data: [{ data: PNG_BASE64 }] }],
  native: ['/api/v1/caption', { image: PNG_BASE64 }],
} as const

const CASES = Object.values(DIALECTS)

onEachTransport('Every dialect', (open) => {
  it.each(CASES)(
    `%s captions with slashes doubled and trailing, and with /v1 in front ${verifies('TRAP-1', 'TRAP-2', 'TRAP-3')}`,
    async (path, body) => {
      const client = await open()
      const spellings = [path, `/${path}`, `${path}/`, path.replaceAll('/', '//'), `/v1${path}`]
      for (const spelling of spellings) {
        const response = await client.request(spelling, { ...post(body), redirect: 'manual' })
        expect(response.status).toBe(200)
      }
    },
  )

  it.each(CASES)(`%s reads JSON of any content type ${verifies('TRAP-14')}`, async (path, body) => {
    const client = await open()
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      const response = await client.request(path, post(body, { 'content-type': type }))
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    }
  })

  it.each(CASES)(`%s takes a picture of 30 MB ${verifies('TRAP-13')}`, async (path, body) => {
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    const photo = Buffer.concat([PNG, Buffer.alloc(30_000_000, 7)]).toString('base64')
    const text = JSON.stringify(body).replace(PNG_BASE64, () => photo)
    expect((await client.request(path, post(text))).status).toBe(200)
    expect(captioner.calls[0]?.request.picture.byteLength).toBe(PNG.byteLength + 30_000_000)
  })

  it.each(CASES)(
    `%s tells pages what went wrong, in JSON ${verifies('TRAP-11', 'TRAP-15')}`,
    async (path) => {
      const client = await open()
      const origin = 'http://localhost:8000'
      for (const body of ['', '{', '[]', '{"stream":5}', `{"image":"<html>"}`]) {
        const response = await client.request(path, post(body, { origin }))
        expect(response.headers.get('content-type')).toMatch(/^application\/json/)
        expect(response.headers.get('access-control-allow-origin')).toBe(origin)
        expect(await response.json()).toBeTypeOf('object')
      }
    },
  )

  it.each(CASES)(
    `%s grants a preflight of any header names and of the private network ${verifies('OBS-1', 'TRAP-11', 'TRAP-12')}`,
    async (path) => {
      const client = await open({ settings: { apiKeys: ['secret'] } })
      const names = 'authorization,dangerously-allow-browser,x-stainless-retry-count,x-anything'
      const response = await client.request(path, {
        method: 'OPTIONS',
        headers: {
          origin: 'app://obsidian.md',
          'access-control-request-method': 'POST',
          'access-control-request-headers': names,
          'access-control-request-private-network': 'true',
        },
      })
      expect(response.ok).toBe(true)
      expect(response.headers.get('access-control-allow-origin')).toBe('app://obsidian.md')
      expect(response.headers.get('access-control-allow-headers')).toBe(names)
      expect(response.headers.get('access-control-allow-private-network')).toBe('true')
    },
  )

  it.each(CASES)(
    `%s forbids retries of lasting faults and asks to wait with 503 ${verifies('TRAP-16')}`,
    async (path, body) => {
      const broken = await open({ captioner: createFakeCaptioner({ error: new Error('bug') }) })
      const fault = await broken.request(path, post(body))
      expect(fault.status).toBe(500)
      expect(fault.headers.get('x-should-retry')).toBe('false')
      const error = new FlocapError('queue_full', 'Full.')
      const full = await open({ captioner: createFakeCaptioner({ error }) })
      const overload = await full.request(path, post(body))
      expect(overload.status).toBe(503)
      expect(Number(overload.headers.get('retry-after'))).toBeGreaterThan(0)
    },
  )

  it.each(CASES)(
    `%s cancels the caption of a client that goes away ${verifies('TRAP-21')}`,
    async (path, body) => {
      const captioner = createFakeCaptioner({ delayMs: Infinity })
      const client = await open({ captioner })
      const controller = new AbortController()
      const answer = client.request(path, { ...post(body), signal: controller.signal })
      const ended = Promise.allSettled([answer])
      await expect.poll(() => captioner.calls.length).toBe(1)
      controller.abort()
      await expect.poll(() => captioner.aborted()).toBe(1)
      await ended
    },
  )

  it.each(CASES)(
    `%s takes Bearer without a token for no key ${verifies('TRAP-4')}`,
    async (path, body) => {
      const headers = { authorization: 'Bearer' }
      expect((await (await open()).request(path, post(body, headers))).status).toBe(200)
      const guarded = await open({ settings: { apiKeys: ['secret'] } })
      expect((await guarded.request(path, post(body, headers))).status).toBe(401)
      const key = { authorization: 'Bearer secret' }
      expect((await guarded.request(path, post(body, key))).status).toBe(200)
    },
  )

  it.each(CASES)('%s names task and model in headers', async (path, body) => {
    const { headers } = await (await open()).request(path, post(body))
    expect(headers.get('x-flocap-task')).toBe('more_detailed_caption')
    expect(headers.get('x-flocap-model')).toBe('florence-2-large')
  })

  it('answers nothing of one page to another', async () => {
    const client: Client = await open()
    const origins = ['http://localhost:8000', 'app://obsidian.md']
    for (const origin of origins) {
      const { headers } = await client.request('/models', { headers: { origin } })
      expect(headers.get('access-control-allow-origin')).toBe(origin)
      expect(headers.get('vary')).toContain('Origin')
      expect(headers.get('access-control-allow-credentials')).toBeNull()
    }
  })
})

describe('Listening', () => {
  const running: HttpServer[] = []
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.close()))
  })

  const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  )

  it(`works for whichever address localhost means ${verifies('TRAP-22')}`, async () => {
    const server = createHttpServer(servicesFor())
    running.push(server)
    const addresses = await server.listen(['127.0.0.1', '::1'], 0)
    expect(addresses.map(({ host }) => host)).toEqual(
      hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'],
    )
    for (const { host, port } of addresses) {
      const name = host.includes(':') ? `[${host}]` : host
      expect((await fetch(`http://${name}:${port}/health`)).status).toBe(200)
    }
  })

  it(`on a port that is taken says so and what to do ${verifies('TRAP-23')}`, async () => {
    const first = createHttpServer(servicesFor())
    running.push(first)
    const [address] = await first.listen(['127.0.0.1'], 0)
    const second = createHttpServer(servicesFor())
    await expect(second.listen(['127.0.0.1'], address?.port ?? 0)).rejects.toMatchObject({
      code: 'port_in_use',
      hint: expect.stringContaining('--port'),
    })
  })
})

describe('Foreign pages', () => {
  it.each(CASES)('cannot use %s', async (path, body) => {
    const captioner = createFakeCaptioner()
    const app = createTestApp({ captioner })
    for (const origin of ['https://evil.example.com', 'null']) {
      const headers = { origin, 'content-type': 'text/plain' }
      const response = await app.request(path, post(body, headers))
      expect(response.status).toBe(403)
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect(captioner.calls).toHaveLength(0)
  })
})
