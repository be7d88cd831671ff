import { describe, expect, it } from 'vitest'
import { DEMO_MODEL, createFakeCaptioner } from '../../test/support/fake-captioner.ts'
import { createTestApp, post } from '../../test/support/http-app.ts'
import { PNG_BASE64 } from '../../test/support/pictures.ts'
import { createRecordingLogger } from '../../test/support/recording-logger.ts'
import { FlocapError } from '../base/errors.ts'
import { createMetrics } from '../base/metrics.ts'

const LOCAL_PAGE = 'http://localhost:8000'

function from(origin: string) {
  return { headers: { origin } }
}

describe('every answer', () => {
  it.each(['/health', '/models', '/nowhere', '/api/caption'])(
    'of %s carries a request id and the model',
    async (path) => {
      const { headers } = await createTestApp().request(path)
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers.get('x-flocap-model')).toBe('florence-2-large')
      expect(headers.get('x-flocap-demo')).toBeNull()
      expect(headers.get('x-powered-by')).toBeNull()
    },
  )

  it('says when the demo model answers', async () => {
    const app = createTestApp({ captioner: createFakeCaptioner({ model: DEMO_MODEL }) })
    const { headers } = await app.request('/api/caption', post({ image: PNG_BASE64 }))
    expect(headers.get('x-flocap-demo')).toBe('true')
    expect(headers.get('x-flocap-task')).toBe('more_detailed_caption')
  })

  it('keeps a request id that a proxy gave, unless it is not one', async () => {
    const app = createTestApp()
    const id = async (sent: string) =>
      (await app.request('/health', { headers: { 'x-request-id': sent } })).headers.get(
        'x-request-id',
      )
    expect(await id('abc-123')).toBe('abc-123')
    expect(await id('a b')).not.toBe('a b')
    expect(await id('x'.repeat(65))).toHaveLength(36)
  })
})

describe('routing', () => {
  it('answers 404 for unknown routes with the way to the documentation', async () => {
    const response = await createTestApp().request('/nowhere')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      error: { code: 'not_found', message: expect.stringContaining('/docs') },
    })
  })

  it('answers 405 with the methods that would do', async () => {
    const response = await createTestApp().request('/v1/models', { method: 'DELETE' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })

  it('answers HEAD as GET without a body', async () => {
    const response = await createTestApp().request('/health', { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })
})

describe('web pages', () => {
  it.each(['/health', '/nowhere', '/models'])(
    'of this machine may read %s, errors included',
    async (path) => {
      const { headers } = await createTestApp().request(path, from(LOCAL_PAGE))
      expect(headers.get('access-control-allow-origin')).toBe(LOCAL_PAGE)
      expect(headers.get('access-control-expose-headers')).toContain('x-flocap-task')
      expect(headers.get('vary')).toContain('Origin')
    },
  )

  it('of this machine may read why their request was refused', async () => {
    const app = createTestApp({ settings: { apiKeys: ['k'] } })
    const response = await app.request('/models', from(LOCAL_PAGE))
    expect(response.status).toBe(401)
    expect(response.headers.get('access-control-allow-origin')).toBe(LOCAL_PAGE)
    expect(response.headers.get('www-authenticate')).toContain('Bearer')
  })

  it.each(['GET', 'POST', 'OPTIONS', 'HEAD'])(
    'of other sites are refused with %s and learn nothing',
    async (method) => {
      const captioner = createFakeCaptioner()
      const response = await createTestApp({ captioner }).request('/api/caption', {
        method,
        headers: { origin: 'https://evil.example.com', 'content-type': 'text/plain' },
        ...(method === 'POST' ? { body: JSON.stringify({ image: PNG_BASE64 }) } : {}),
      })
      expect(response.status).toBe(403)
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(captioner.calls).toHaveLength(0)
    },
  )

  it('get their header names echoed in a preflight, which needs no key', async () => {
    const app = createTestApp({ settings: { apiKeys: ['k'] } })
    const response = await app.request('/v1/anything', {
      method: 'OPTIONS',
      headers: {
        origin: LOCAL_PAGE,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,bypass-tunnel-reminder,content-type',
        'access-control-request-private-network': 'true',
      },
    })
    expect(response.status).toBe(204)
    const { headers } = response
    expect(headers.get('access-control-allow-origin')).toBe(LOCAL_PAGE)
    expect(headers.get('access-control-allow-headers')).toBe(
      'authorization,bypass-tunnel-reminder,content-type',
    )
    expect(headers.get('access-control-allow-methods')).toContain('POST')
    expect(headers.get('access-control-allow-private-network')).toBe('true')
  })

  it('cannot smuggle text into the answer through requested header names', async () => {
    const response = await createTestApp().request('/models', {
      method: 'OPTIONS',
      headers: { origin: LOCAL_PAGE, 'access-control-request-headers': 'a b: c' },
    })
    expect(response.headers.get('access-control-allow-headers')).toBeNull()
  })

  it('under a rebound name are refused', async () => {
    const response = await createTestApp().request('/models', {
      headers: { host: 'evil.example.com', origin: 'http://evil.example.com' },
    })
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ error: { code: 'forbidden_host' } })
  })
})

describe('keys', () => {
  const app = createTestApp({ settings: { apiKeys: ['secret'] } })

  it.each(['/models', '/api/modules', '/nowhere', '/docs'])('guard %s', async (path) => {
    expect((await app.request(path)).status).toBe(401)
    const headers = { authorization: 'Bearer secret' }
    expect((await app.request(path, { headers })).status).not.toBe(401)
  })

  it.each(['/', '/health', '/ready', '/readyz'])('do not guard %s', async (path) => {
    expect((await app.request(path)).status).toBe(200)
  })

  it('cannot be dodged by spelling a path like an open one', async () => {
    for (const path of ['/health/../models', '/health//..//models', '/v1/health/../models']) {
      expect((await app.request(path)).status).toBe(401)
    }
  })
})

describe('the log', () => {
  it('has one line for each request and the reason of each refusal, but no picture', async () => {
    const { lines, logger } = createRecordingLogger()
    const app = createTestApp({ logger })
    await app.request('/api/caption', post({ image: PNG_BASE64 }))
    await app.request('/api/caption', post({ image: `data:image/png;base64,${PNG_BASE64}!` }))
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'debug request answered',
      expect.stringContaining("warn The image in 'image' must be base64"),
      'debug request answered',
    ])
    expect(JSON.stringify(lines)).not.toContain(PNG_BASE64.slice(0, 40))
  })

  it('keeps the cause of a fault that the answer hides', async () => {
    const { lines, logger } = createRecordingLogger()
    const error = new Error('pointer 0xdeadbeef in /secret/path')
    const app = createTestApp({ logger, captioner: createFakeCaptioner({ error }) })
    const response = await app.request('/api/caption', post({ image: PNG_BASE64 }))
    expect(response.status).toBe(500)
    expect(response.headers.get('x-should-retry')).toBe('false')
    expect(await response.text()).not.toContain('secret')
    expect(lines[0]).toMatchObject({ level: 'error', fields: { err: { cause: error } } })
  })
})

describe('memory', () => {
  it('is given back when a request ends, well or badly', async () => {
    const body = JSON.stringify({ image: PNG_BASE64 })
    const app = createTestApp({
      settings: { maxPendingBodyBytes: body.length + 10 },
      captioner: createFakeCaptioner(),
    })
    for (const sent of [body, '{', body, body]) {
      const { status } = await app.request('/api/caption', post(sent))
      expect(status).toBe(sent === body ? 200 : 400)
    }
  })

  it('is shared out: too many large bodies at once are asked to come again', async () => {
    const body = JSON.stringify({ image: PNG_BASE64 })
    const captioner = createFakeCaptioner({ delayMs: 50 })
    const app = createTestApp({ settings: { maxPendingBodyBytes: body.length * 1.5 }, captioner })
    const responses = await Promise.all([
      app.request('/api/caption', post(body)),
      app.request('/api/caption', post(body)),
    ])
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200, 503]))
    const refused = responses.find(({ status }) => status === 503)
    expect(refused?.headers.get('retry-after')).toBe('5')
  })
})

describe('failures of the captioner', () => {
  it.each([
    [new FlocapError('queue_full', 'Full.', { retryAfterSeconds: 7 }), 503, '7'],
    [new FlocapError('model_loading', 'Loading.'), 503, '5'],
    [new FlocapError('image_too_large', 'Too large.'), 400, null],
    [new FlocapError('run_timeout', 'Too slow.'), 504, '5'],
  ])('%s become a status and a time to wait', async (error, status, wait) => {
    const app = createTestApp({ captioner: createFakeCaptioner({ error }) })
    const response = await app.request('/api/caption', post({ image: PNG_BASE64 }))
    expect(response.status).toBe(status)
    expect(response.headers.get('retry-after')).toBe(wait)
  })
})

async function twoFiles(path: string) {
  return path === '/' || path === '/assets/app.js' ? new Response(`file ${path}`) : undefined
}

describe('the web page', () => {
  const app = createTestApp({ page: twoFiles, settings: { apiKeys: ['secret'] } })
  const browser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }

  it('is shown to browsers at the root, without a key, and its files too', async () => {
    expect(await (await app.request('/', browser)).text()).toBe('file /')
    expect(await (await app.request('/assets/app.js')).text()).toBe('file /assets/app.js')
  })

  it('leaves the root to programs that look for Ollama', async () => {
    expect(await (await app.request('/')).text()).toBe('Ollama is running')
  })

  it('opens nothing else', async () => {
    expect((await app.request('/assets/other.js')).status).toBe(401)
    expect((await app.request('/assets/app.js', { method: 'POST' })).status).toBe(401)
  })

  it('may be left out: browsers then see where to go on', async () => {
    const response = await createTestApp().request('/', browser)
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(await response.text()).toContain('href="/docs"')
  })
})

describe('/metrics', () => {
  it('counts answers by surface, status and task', async () => {
    const app = createTestApp({ metrics: createMetrics() })
    await app.request('/api/caption', post({ image: PNG_BASE64 }))
    await app.request('/api/caption', post({ image: '?' }))
    await app.request('/nowhere')
    const response = await app.request('/metrics')
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await response.text()
    const counted = 'flocap_requests_total'
    expect(text).toContain(
      `${counted}{surface="extras",status="200",task="more_detailed_caption"} 1\n`,
    )
    expect(text).toContain(
      `${counted}{surface="extras",status="400",task="more_detailed_caption"} 1\n`,
    )
    expect(text).toContain(`${counted}{surface="openai",status="404",task="none"} 1\n`)
    expect(text).toContain('flocap_request_duration_seconds_count{surface="extras"} 2\n')
  })

  it('needs the key, as every route that is not a sign of life', async () => {
    const app = createTestApp({ metrics: createMetrics(), settings: { apiKeys: ['secret'] } })
    expect((await app.request('/metrics')).status).toBe(401)
    expect((await app.request('/health')).status).toBe(200)
  })
})

describe('without keysForLoopback', () => {
  it('asks other machines for the key and this one for none', async () => {
    const app = createTestApp({ settings: { apiKeys: ['secret'], keysForLoopback: false } })
    const caller = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } })
    expect((await app.request('/v1/models', {}, caller('127.0.0.1'))).status).toBe(200)
    expect((await app.request('/v1/models', {}, caller('192.168.1.9'))).status).toBe(401)
    const headers = { authorization: 'Bearer secret' }
    expect((await app.request('/v1/models', { headers }, caller('192.168.1.9'))).status).toBe(200)
  })
})
