// The fetch itself, against servers on this machine that misbehave in every way that is known.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { portOf } from '../../../test/support/port-of.ts'
import { FlocapError } from '../../base/errors.ts'
import { createBodyBudget } from '../body/read-body.ts'
import { parseImageHosts } from './allowed-hosts.ts'
import { createImageFetcher, type ImageFetcherOptions } from './fetch-image.ts'

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3])
const MAX_BYTES = 1_000
/** Of the servers that are given up; the others may be slow, as a busy machine is. */
const SHORT_TIMEOUT_MS = 400
const TIMEOUT_MS = 60_000

const servers: Server[] = []
const sockets = new Set<Socket>()
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
  for (const socket of sockets) socket.destroy()
})

/** Listens until the test ends. @returns the port. */
async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  servers.push(server)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return portOf(server)
}

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => void

async function serve(answer: Answer): Promise<string> {
  return `http://localhost:${await listen(createServer(answer))}`
}

/** Answers with these bytes, whatever it is asked. */
async function serveRaw(reply: string | Buffer): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(reply))
  })
  return `http://localhost:${await listen(server)}`
}

interface Ask {
  readonly hosts?: readonly string[]
  readonly options?: Partial<ImageFetcherOptions>
  readonly signal?: AbortSignal
  readonly budget?: number
}

async function ask(url: string, { hosts, options, signal, budget = 1e9 }: Ask = {}) {
  const fetchImage = createImageFetcher({
    allowed: parseImageHosts(hosts ?? [new URL(url).host]),
    maxBytes: MAX_BYTES,
    timeoutMs: TIMEOUT_MS,
    ...options,
  })
  return fetchImage(url, 'image', {
    signal: signal ?? new AbortController().signal,
    share: createBodyBudget(budget).open(),
  })
}

describe('createImageFetcher', () => {
  it('fetches a picture and tells nothing about the caller', async () => {
    let asked: IncomingMessage | undefined
    const url = await serve((incoming, outgoing) => {
      asked = incoming
      outgoing.setHeader('content-type', 'image/png').end(PNG)
    })
    expect(Buffer.from(await ask(`${url}/a%20b.png?c=d`))).toEqual(PNG)
    expect(asked?.url).toBe('/a%20b.png?c=d')
    expect(asked?.headers).toEqual({
      accept: 'image/*',
      'accept-encoding': 'identity',
      'user-agent': 'FloCap',
      host: new URL(url).host,
      connection: 'close',
    })
  })

  it('connects to the address that was checked, and resolves a name once', async () => {
    // Only the injected resolver knows that this server is at 127.0.0.2.
    const server = createServer((_, outgoing) => outgoing.end(PNG))
    const port = await listen(server, '127.0.0.2')
    const hosts: string[] = []
    const resolve = async (host: string) => {
      hosts.push(host)
      // The second answer of a rebinding attack.
      return [{ address: hosts.length === 1 ? '127.0.0.2' : '10.0.0.1', family: 4 }]
    }
    const bytes = await ask(`http://localhost:${port}/`, { options: { resolve } })
    expect(Buffer.from(bytes)).toEqual(PNG)
    expect(hosts).toEqual(['localhost'])
  })

  it.each([
    '',
    'image/png',
    'IMAGE/JPEG; charset=binary',
    'application/octet-stream',
    'binary/octet-stream',
  ])('takes the content type %j', async (type) => {
    const url = await serve((_, outgoing) => {
      if (type !== '') outgoing.setHeader('content-type', type)
      outgoing.end(PNG)
    })
    expect(await ask(url)).toHaveLength(PNG.length)
  })

  it.each([
    ['a page', 'text/html; charset=utf-8'],
    ['JSON', 'application/json'],
    ['something that only sounds like a picture', 'text/image/png'],
  ])('refuses %s by its content type', async (_, type) => {
    const url = await serve((__, outgoing) => outgoing.setHeader('content-type', type).end('x'))
    await expect(ask(url)).rejects.toMatchObject({ code: 'unsupported_image_format' })
  })

  it.each([
    [404, 'image_file_not_found'],
    [410, 'image_file_not_found'],
    [401, 'failed_to_download_image'],
    [403, 'failed_to_download_image'],
    [500, 'failed_to_download_image'],
    [204, 'failed_to_download_image'],
    [206, 'failed_to_download_image'],
    [304, 'failed_to_download_image'],
  ])('turns the status %i into %s', async (status, code) => {
    const url = await serve((_, outgoing) => outgoing.writeHead(status).end())
    await expect(ask(url)).rejects.toMatchObject({ code, subject: 'image' })
  })

  it.each([
    ['that is announced', { 'content-length': String(MAX_BYTES + 1) }],
    ['that is not announced', {}],
  ])('refuses a file %s and is too large', async (_, headers) => {
    const url = await serve((__, outgoing) => {
      outgoing.on('error', () => undefined)
      outgoing.writeHead(200, headers).end(Buffer.alloc(MAX_BYTES + 1))
    })
    await expect(ask(url)).rejects.toMatchObject({ code: 'image_file_too_large' })
  })

  it('stops reading a file that never ends', async () => {
    let hungUp = false
    const url = await serve((_, outgoing) => {
      outgoing.on('error', () => undefined)
      outgoing.on('close', () => {
        hungUp = true
      })
      const more = (): void => {
        while (!outgoing.destroyed && outgoing.write(Buffer.alloc(500)));
        if (!outgoing.destroyed) outgoing.once('drain', more)
      }
      more()
    })
    await expect(ask(url)).rejects.toMatchObject({ code: 'image_file_too_large' })
    await expect.poll(() => hungUp).toBe(true)
  })

  it.each([
    ['longer than announced', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdefgh', 3],
    ['without an end but that of the connection', 'HTTP/1.1 200 OK\r\n\r\nabcde', 5],
  ])('reads a body %s no further than HTTP says', async (_, reply, length) => {
    expect(await ask(await serveRaw(reply))).toHaveLength(length)
  })

  it.each([
    ['shorter than announced', 'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc'],
    ['with a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc'],
    ['with two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    ['that is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['that is nothing', ''],
    ['with a head without an end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`],
    [
      'that wants another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
  ])('fails on an answer %s', async (_, reply) => {
    await expect(ask(await serveRaw(reply))).rejects.toMatchObject({
      code: 'failed_to_download_image',
    })
  })

  it('refuses a compressed body, which could be a thousand times its size', async () => {
    const bomb = gzipSync(Buffer.alloc(500 * MAX_BYTES))
    expect(bomb.byteLength).toBeLessThan(MAX_BYTES)
    const url = await serve((_, outgoing) =>
      outgoing
        .writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'image/png' })
        .end(bomb),
    )
    await expect(ask(url)).rejects.toMatchObject({ code: 'failed_to_download_image' })
  })

  it.each<[string, Answer]>([
    ['never answers', () => undefined],
    ['stops in the body', (_, outgoing) => outgoing.writeHead(200).write('abc')],
    [
      'sends a byte at a time',
      (_, outgoing) => {
        outgoing.on('error', () => undefined)
        const timer = setInterval(() => outgoing.write('a'), 20)
        outgoing.on('close', () => clearInterval(timer))
      },
    ],
  ])('gives up a server that %s', async (_, answer) => {
    const options = { timeoutMs: SHORT_TIMEOUT_MS }
    await expect(ask(await serve(answer), { options })).rejects.toMatchObject({
      code: 'image_download_timeout',
    })
  })

  it('gives up a resolver that never answers', async () => {
    const resolve = async () => new Promise<never>(() => undefined)
    await expect(
      ask('http://pictures.test/', {
        hosts: ['*'],
        options: { resolve, timeoutMs: SHORT_TIMEOUT_MS },
      }),
    ).rejects.toMatchObject({ code: 'image_download_timeout' })
  })

  it('stops when the caller goes away', async () => {
    const gone = new AbortController()
    let closed: (() => void) | undefined
    const ended = new Promise<void>((resolve) => {
      closed = resolve
    })
    const url = await serve((incoming) => {
      incoming.socket.on('close', () => closed?.())
      gone.abort()
    })
    await expect(ask(url, { signal: gone.signal })).rejects.toMatchObject({ code: 'cancelled' })
    await ended
  })

  it('takes the memory of an image from that of all pending requests', async () => {
    const url = await serve((_, outgoing) => outgoing.end(Buffer.alloc(800)))
    await expect(ask(url, { budget: 500 })).rejects.toMatchObject({ code: 'queue_full' })
  })

  it('fetches a bounded number at a time', async () => {
    const url = await serve(() => undefined)
    const fetchImage = createImageFetcher({
      allowed: parseImageHosts([new URL(url).host]),
      timeoutMs: SHORT_TIMEOUT_MS,
    })
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, async () =>
        fetchImage(url, 'image', {
          signal: new AbortController().signal,
          share: createBodyBudget(1e9).open(),
        }),
      ),
    )
    const codes = results.map(
      (result) =>
        result.status === 'rejected' && result.reason instanceof FlocapError && result.reason.code,
    )
    expect(codes.filter((code) => code === 'queue_full')).toHaveLength(4)
    expect(codes.filter((code) => code === 'image_download_timeout')).toHaveLength(16)
  })
})

describe('redirects', () => {
  const redirectTo =
    (location: string): Answer =>
    (_, outgoing) =>
      outgoing.writeHead(302, { location }).end()

  it.each([301, 302, 303, 307, 308])('are followed within what is allowed (%i)', async (status) => {
    const url = await serve((incoming, outgoing) => {
      if (incoming.url === '/') outgoing.writeHead(status, { location: '/there' }).end()
      else outgoing.end(PNG)
    })
    expect(await ask(url)).toHaveLength(PNG.length)
  })

  it.each([
    ['http://127.0.0.1/', 'image_url_not_allowed'],
    ['//evil.test/', 'image_url_not_allowed'],
    ['http://user:password@localhost/', 'invalid_image_url'],
    ['file:///etc/passwd', 'invalid_image_url'],
    ['ftp://localhost/', 'invalid_image_url'],
    ['data:image/png;base64,AAAA', 'invalid_image_url'],
    ['http://[', 'failed_to_download_image'],
  ])('to %s are refused', async (location, code) => {
    await expect(ask(await serve(redirectTo(location)))).rejects.toMatchObject({ code })
  })

  it.each(['http://169.254.169.254/latest/meta-data/', 'http://10.0.0.1/', 'http://[::1]/'])(
    'to %s are refused also where every public host is allowed',
    async (location) => {
      const url = await serve(redirectTo(location))
      await expect(ask(url, { hosts: ['*', new URL(url).host] })).rejects.toMatchObject({
        code: 'image_address_refused',
      })
    },
  )

  it('that lead in a circle end', async () => {
    let requests = 0
    const url = await serve((_, outgoing) => {
      requests += 1
      outgoing.writeHead(302, { location: '/' }).end()
    })
    await expect(ask(url)).rejects.toMatchObject({ code: 'failed_to_download_image' })
    expect(requests).toBe(4)
  })

  it('without a goal fail', async () => {
    const url = await serve((_, outgoing) => outgoing.writeHead(302).end())
    await expect(ask(url)).rejects.toMatchObject({ code: 'failed_to_download_image' })
  })
})
