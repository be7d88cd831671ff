import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { createFakeCaptioner } from '../../test/support/fake-captioner.ts'
import { post, servicesFor, startTestServer } from '../../test/support/http-app.ts'
import { PNG_BASE64 } from '../../test/support/pictures.ts'
import type { HttpServer } from './server.ts'
import { createHttpServer } from './server.ts'

const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
)

const running: HttpServer[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function start(options: Parameters<typeof startTestServer>[0] = {}) {
  const server = await startTestServer(options)
  running.push(server)
  return server
}

/** Sends bytes as they are and reads until the server closes or the text has arrived. */
function exchange(port: number, bytes: string, until: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let received = ''
    socket.setTimeout(10_000, () => socket.destroy(new Error(`only got: ${received}`)))
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (until.test(received)) socket.end()
    })
    socket.on('close', () => resolve(received))
    socket.on('error', reject)
  })
}

/** Watches from the start, so that an early rejection is not taken for an unhandled one. */
function failureOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'none',
    (error: unknown) => String(error),
  )
}

describe('listen', () => {
  it.skipIf(!HAS_IPV6)('binds IPv4 and IPv6 of this machine on the same port', async () => {
    const server = createHttpServer(servicesFor())
    running.push(server)
    const addresses = await server.listen(['127.0.0.1', '::1'], 0)
    expect(addresses.map(({ host }) => host)).toEqual(['127.0.0.1', '::1'])
    expect(new Set(addresses.map(({ port }) => port)).size).toBe(1)
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
      const response = await fetch(`http://${host}:${addresses[0]?.port}/health`)
      expect(response.status).toBe(200)
    }
  })

  it.skipIf(!HAS_IPV6)('binds all interfaces of both families', async () => {
    for (const hosts of [['::'], ['0.0.0.0', '::'], ['::', '0.0.0.0']]) {
      const server = createHttpServer(servicesFor())
      running.push(server)
      const [address] = await server.listen(hosts, 0)
      for (const host of ['127.0.0.1', '[::1]']) {
        const response = await fetch(`http://${host}:${address?.port}/health`)
        expect(response.status).toBe(200)
      }
    }
  })

  it('explains a port that is taken, and leaves nothing open', async () => {
    const { port } = await start()
    const second = createHttpServer(servicesFor())
    await expect(second.listen(['127.0.0.1'], port)).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining(String(port)),
      hint: expect.stringContaining('--port'),
    })
  })

  it('explains a host that this machine does not have', async () => {
    const server = createHttpServer(servicesFor())
    await expect(server.listen(['203.0.113.1'], 0)).rejects.toMatchObject({
      code: 'invalid_setting',
      subject: 'host',
    })
  })
})

describe('close', () => {
  it('lets a request finish', async () => {
    const captioner = createFakeCaptioner({ delayMs: 200 })
    const server = await start({ captioner })
    const answer = fetch(`${server.url}/api/caption`, post({ image: PNG_BASE64 }))
    await expect.poll(() => captioner.calls.length).toBe(1)
    await server.close()
    expect((await answer).status).toBe(200)
    await expect(fetch(`${server.url}/health`)).rejects.toThrow('fetch failed')
  })

  it('answers for a while, sends balancers elsewhere and ends connections', async () => {
    const captioner = createFakeCaptioner({ delayMs: 100 })
    const server = await start({ captioner, settings: { drainMs: 1_000 } })
    expect((await fetch(`${server.url}/ready`)).status).toBe(200)
    const closed = server.close()
    const ready = await fetch(`${server.url}/ready`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ status: 'ending' })
    const answer = await fetch(`${server.url}/api/caption`, post({ image: PNG_BASE64 }))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('connection')).toBe('close')
    await closed
    await expect(fetch(`${server.url}/health`)).rejects.toThrow('fetch failed')
  })

  it('cancels what does not finish in time', async () => {
    const captioner = createFakeCaptioner({ delayMs: Infinity })
    const server = await start({ captioner, settings: { shutdownGraceMs: 100 } })
    const answer = fetch(`${server.url}/api/caption`, post({ image: PNG_BASE64 }))
    const failure = failureOf(answer)
    await expect.poll(() => captioner.calls.length).toBe(1)
    await server.close()
    expect(await failure).toMatch('fetch failed')
    await expect.poll(() => captioner.aborted()).toBe(1)
  })
})

/** A connection that says nothing. */
async function idle(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

describe('a server with all its connections taken', () => {
  it('ends the one that has been idle for longest when somebody comes', async () => {
    const { port, url } = await start({ settings: { maxConnections: 3 } })
    const sockets = [await idle(port), await idle(port), await idle(port)]
    // This one has just been used.
    sockets[0]!.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(sockets[0]!, 'data')
    const closed = once(sockets[1]!, 'close')
    // What has just come may have sent a request that is not read yet: nobody makes room for it.
    expect((await fetch(`${url}/models`)).status).toBe(503)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const response = await fetch(`${url}/health`, { headers: { connection: 'close' } })
    expect(response.status).toBe(200)
    await closed
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, true, false])
  })

  it('lets those finish that are being answered, and takes nobody in their place', async () => {
    let finish = (): void => undefined
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    const captioner = createFakeCaptioner({ held })
    const server = await start({ captioner, settings: { maxConnections: 2 } })
    const answers = [1, 2].map(async () =>
      fetch(`${server.url}/api/caption`, post({ image: PNG_BASE64 })),
    )
    await expect.poll(() => captioner.calls.length).toBe(2)
    const refused = await fetch(`${server.url}/api/caption`, post({ image: PNG_BASE64 }))
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('connection')).toBe('close')
    expect(await refused.json()).toMatchObject({ error: { code: 'too_many_connections' } })
    const alive = await fetch(`${server.url}/health`)
    expect([alive.status, alive.headers.get('connection')]).toEqual([200, 'close'])
    finish()
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200)
  })
})

describe('beyond all connections', () => {
  it('answers whoever asks, however many say nothing', async () => {
    const { port, url } = await start({ settings: { maxConnections: 2 } })
    const sockets = await Promise.all(Array.from({ length: 400 }, async () => idle(port)))
    // Those that had places may have sent a request that is not read yet.
    expect((await fetch(`${url}/models`)).status).toBe(503)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    expect((await fetch(`${url}/health`)).status).toBe(200)
    expect(sockets.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(2 + 256)
  })

  it('refuses a picture that is still being sent without cutting it off', async () => {
    let finish = (): void => undefined
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    const captioner = createFakeCaptioner({ held })
    const server = await start({ captioner, settings: { maxConnections: 1 } })
    const answer = fetch(`${server.url}/api/caption`, post({ image: PNG_BASE64 }))
    await expect.poll(() => captioner.calls.length).toBe(1)
    const body = new Blob([new Uint8Array(20_000_000)]).stream()
    const refused = await fetch(`${server.url}/api/caption`, {
      method: 'POST',
      body,
      duplex: 'half',
    })
    expect(refused.status).toBe(503)
    finish()
    expect((await answer).status).toBe(200)
  })
})

describe('a client that goes away', () => {
  it('cancels its caption', async () => {
    const captioner = createFakeCaptioner({ delayMs: Infinity })
    const server = await start({ captioner })
    const controller = new AbortController()
    const answer = fetch(`${server.url}/v1/chat/completions`, {
      ...post({
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: PNG_BASE64 }] }],
      }),
      signal: controller.signal,
    })
    const failure = failureOf(answer)
    await expect.poll(() => captioner.calls.length).toBe(1)
    controller.abort()
    expect(await failure).toMatch('abort')
    await expect.poll(() => captioner.aborted()).toBe(1)
  })
})

describe('requests as they come over a socket', () => {
  it('tells the reason in the status line, where some clients show nothing else', async () => {
    const { port } = await start()
    const answer = await exchange(
      port,
      'POST //chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n{',
      /\}\}/,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request: The request body is not JSON\.\r\n/)
  })

  it('answers 413 to a body beyond the limit while it is still being sent', async () => {
    const { url } = await start({ settings: { maxBodyBytes: 1_000_000 } })
    for (const chunked of [false, true]) {
      const bytes = new Uint8Array(20_000_000)
      const body = chunked ? new Blob([bytes]).stream() : bytes
      const response = await fetch(`${url}/api/caption`, {
        method: 'POST',
        body,
        duplex: 'half',
        headers: { origin: 'http://localhost:8000' },
      })
      expect(response.status).toBe(413)
      expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:8000')
      expect(await response.json()).toMatchObject({
        error: expect.stringContaining('at most 1000000 bytes'),
      })
    }
  })

  it('answers a body that stops arriving', async () => {
    const { port } = await start({ settings: { bodyIdleMs: 100 } })
    const answer = await exchange(
      port,
      'POST /api/caption HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{',
      /\}/,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toMatch(/connection: close/i)
    expect(answer).toContain('stopped arriving')
  })

  it('answers broken requests with a status, and goes on', async () => {
    const { port, url } = await start()
    const broken = [
      'GET /a\\b HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'NONSENSE\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
      'POST /api/caption HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ]
    for (const bytes of broken) {
      expect(await exchange(port, bytes, /\r\n\r\n/)).toMatch(/^HTTP\/1\.1 4\d\d /)
    }
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('refuses more headers than a guard would see', async () => {
    const { port, url } = await start()
    const evil = 'Origin: https://evil.example.com\r\n'
    const head = (count: number) =>
      `GET /models HTTP/1.1\r\nHost: localhost\r\n${'X: y\r\n'.repeat(count)}${evil}\r\n`
    // Host and Origin are two of the hundred.
    expect(await exchange(port, head(98), /\r\n\r\n/)).toMatch(/^HTTP\/1\.1 403 /)
    for (const count of [99, 110, 1_000, 2_500]) {
      const answer = await exchange(port, head(count), /\r\n\r\n/)
      expect([count, answer]).toEqual([count, expect.stringMatching(/^HTTP\/1\.1 431 /)])
      expect(answer).toMatch(/connection: close/i)
    }
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('refuses expectations that it does not meet, in their turn', async () => {
    const { port } = await start()
    const expecting = (what: string) =>
      `POST /api/caption HTTP/1.1\r\nHost: localhost\r\nExpect: ${what}\r\nContent-Length: 2\r\n\r\n{}`
    expect(await exchange(port, expecting('200-ok'), /\}/)).toMatch(/^HTTP\/1\.1 417 /)
    expect(await exchange(port, expecting('100-continue'), /\}/)).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 /,
    )
  })

  it('answers HTTP/1.0 and absolute request targets, and guards both', async () => {
    const { port } = await start()
    for (const target of ['http://evil.example/health', 'http://localhost@evil.example/health']) {
      const foreign = `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`
      expect(await exchange(port, foreign, /\}/)).toMatch(/^HTTP\/1\.1 403 /)
    }
    const own = `GET http://localhost:${port}/health HTTP/1.1\r\nHost: localhost\r\n\r\n`
    expect(await exchange(port, own, /\}/)).toMatch(/ 200 OK/)
    expect(await exchange(port, 'GET /health HTTP/1.0\r\n\r\n', /ok/)).toMatch(/ 200 OK/)
    expect(
      await exchange(
        port,
        'GET http://localhost/health HTTP/1.1\r\nHost: evil.com\r\n\r\n',
        /forbidden_host/,
      ),
    ).toMatch(/ 403 Forbidden/)
  })
})
