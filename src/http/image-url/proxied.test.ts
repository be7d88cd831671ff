// Images by URL through a proxy: a real one, before servers of this machine that stand for all others.
import type { LookupAddress } from 'node:dns'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
} from 'node:http'
import { createServer as createTcpServer, type Server } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { portOf } from '../../../test/support/port-of.ts'
import { type Lead, startProxy } from '../../../test/support/stand-in-proxy.ts'
import { createBodyBudget } from '../body/read-body.ts'
import { parseImageHosts } from './allowed-hosts.ts'
import { createImageFetcher, type ImageProxies, NO_IMAGE_PROXIES } from './fetch-image.ts'

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3])

/** What this machine's resolver knows; nothing else exists for it. */
const NAMES: Readonly<Record<string, readonly LookupAddress[]>> = {
  'pictures.test': [{ address: '93.184.216.34', family: 4 }],
  'cdn.test': [{ address: '151.101.1.69', family: 4 }],
  'both.test': [
    { address: '2606:4700::1111', family: 6 },
    { address: '93.184.216.35', family: 4 },
  ],
  'inner.test': [{ address: '10.0.0.1', family: 4 }],
  'half.test': [
    { address: '93.184.216.34', family: 4 },
    { address: '169.254.169.254', family: 4 },
  ],
  'nas.lan': [{ address: '192.168.1.5', family: 4 }],
  localhost: [{ address: '127.0.0.1', family: 4 }],
}

async function resolve(host: string): Promise<readonly LookupAddress[]> {
  const known = NAMES[host]
  if (known !== undefined) return known
  throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' })
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  return portOf(server)
}

const answerPng: RequestListener = (_, response) => response.end(PNG)

interface Ask {
  readonly hosts?: readonly string[]
  readonly proxies?: Partial<ImageProxies>
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

async function ask(url: string, { hosts = ['*'], proxies, signal, ...limits }: Ask) {
  const fetchImage = createImageFetcher({
    allowed: parseImageHosts(hosts),
    proxies: { ...NO_IMAGE_PROXIES, ...proxies },
    resolve,
    ...limits,
  })
  return fetchImage(url, 'image', {
    signal: signal ?? new AbortController().signal,
    share: createBodyBudget(1e9).open(),
  })
}

/** A proxy whose tunnels all lead to one server, which remembers what it was asked. */
async function startNetwork(answer: RequestListener = answerPng, lead?: Lead) {
  const asked: IncomingMessage[] = []
  const port = await listen(
    createHttpServer((request, response) => {
      asked.push(request)
      answer(request, response)
    }),
  )
  const proxy = await startProxy(lead ?? (() => ({ port })))
  return { asked, port, proxy, proxies: { httpProxy: proxy.url } }
}

describe('an image by URL through a proxy', () => {
  it('is fetched from the address that was checked, under its name', async () => {
    const { asked, proxy, proxies } = await startNetwork()
    expect(Buffer.from(await ask('http://pictures.test/a.png?b', { proxies }))).toEqual(PNG)
    expect(proxy.targets).toEqual(['93.184.216.34:80'])
    expect(asked.map(({ url }) => url)).toEqual(['/a.png?b'])
    expect(asked[0]?.headers).toEqual({
      accept: 'image/*',
      'accept-encoding': 'identity',
      'user-agent': 'FloCap',
      host: 'pictures.test',
      connection: 'close',
    })
  })

  it('shows its name to the server and no other, inside of TLS', async () => {
    const hello: Buffer[] = []
    const port = await listen(
      createTcpServer((socket) => {
        socket.on('error', () => undefined)
        socket.once('data', (chunk: Buffer) => {
          hello.push(chunk)
          socket.destroy()
        })
      }),
    )
    const proxy = await startProxy(() => ({ port }))
    await expect(
      ask('https://pictures.test/', { proxies: { httpsProxy: proxy.url } }),
    ).rejects.toMatchObject({ code: 'failed_to_download_image' })
    expect(proxy.targets).toEqual(['93.184.216.34:443'])
    // A handshake of TLS, whose extension for server names is not encrypted.
    expect(hello[0]?.[0]).toBe(22)
    expect(hello[0]?.includes('pictures.test')).toBe(true)
  })

  it('gives the proxy its user name and password, and the server neither', async () => {
    const { asked, proxy } = await startNetwork()
    const httpProxy = proxy.url.replace('//', '//user:p%40ss@')
    await ask('http://pictures.test/', { proxies: { httpProxy } })
    const expected = `Basic ${Buffer.from('user:p@ss').toString('base64')}`
    expect(proxy.requests[0]?.headers['proxy-authorization']).toBe(expected)
    expect(asked[0]?.headers['proxy-authorization']).toBeUndefined()
  })

  it('follows redirects, each checked and each through a tunnel of its own', async () => {
    const { asked, proxy, proxies } = await startNetwork((request, response) => {
      if (request.headers.host === 'cdn.test') response.end(PNG)
      else response.writeHead(302, { location: 'http://cdn.test/b.png' }).end()
    })
    expect(await ask('http://pictures.test/', { proxies })).toHaveLength(PNG.length)
    expect(proxy.targets).toEqual(['93.184.216.34:80', '151.101.1.69:80'])
    expect(asked.map(({ url }) => url)).toEqual(['/', '/b.png'])
  })

  it.each(['http://169.254.169.254/', 'http://inner.test/', 'http://half.test/', 'http://[::1]/'])(
    'never follows one to %s',
    async (location) => {
      const { proxy, proxies } = await startNetwork((_, response) =>
        response.writeHead(302, { location }).end(),
      )
      await expect(ask('http://pictures.test/', { proxies })).rejects.toMatchObject({
        code: 'image_address_refused',
      })
      expect(proxy.targets).toEqual(['93.184.216.34:80'])
    },
  )

  it.each([
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.1/',
    'http://inner.test/',
    'http://half.test/',
    'http://localhost/',
  ])('is refused at %s before the proxy hears of it', async (url) => {
    const { proxy, proxies } = await startNetwork()
    for (const proxyResolves of [false, true]) {
      await expect(ask(url, { proxies: { ...proxies, proxyResolves } })).rejects.toMatchObject({
        code: 'image_address_refused',
      })
    }
    expect(proxy.targets).toEqual([])
  })

  it('tries the next address where the proxy cannot reach the first', async () => {
    const port = await listen(createHttpServer(answerPng))
    const proxy = await startProxy((target) =>
      target.startsWith('[') ? { status: 503 } : { port },
    )
    await ask('http://both.test/', { proxies: { httpProxy: proxy.url } })
    expect(proxy.targets).toEqual(['[2606:4700::1111]:80', '93.184.216.35:80'])
  })

  it('of a listed host in the private network goes through it as well', async () => {
    const { proxy, proxies } = await startNetwork()
    await ask('http://nas.lan:8080/', { hosts: ['nas.lan:8080'], proxies })
    expect(proxy.targets).toEqual(['192.168.1.5:8080'])
  })

  it('of this machine never goes through it', async () => {
    const { port, proxy, proxies } = await startNetwork()
    await ask(`http://localhost:${port}/`, { hosts: [`localhost:${port}`], proxies })
    await ask(`http://127.0.0.1:${port}/`, { hosts: [`127.0.0.1:${port}`], proxies })
    expect(proxy.targets).toEqual([])
  })

  it('goes straight to hosts of NO_PROXY', async () => {
    const { proxy, proxies } = await startNetwork()
    // 192.168.1.5 is nobody's here: what matters is that the proxy is not asked.
    await expect(
      ask('http://nas.lan:8080/', {
        hosts: ['nas.lan:8080'],
        proxies: { ...proxies, noProxy: '.lan' },
        timeoutMs: 300,
      }),
    ).rejects.toMatchObject({ subject: 'image' })
    expect(proxy.targets).toEqual([])
  })
})

describe('a proxy that does not', () => {
  it.each([403, 502])(
    'open the tunnel is named by its setting, with its answer %i',
    async (status) => {
      const { proxies } = await startNetwork(answerPng, () => ({ status }))
      await expect(ask('http://pictures.test/', { proxies })).rejects.toMatchObject({
        code: 'failed_to_download_image',
        message: expect.stringContaining(`the proxy of HTTP_PROXY answered with status ${status}`),
        hint: expect.stringContaining('NO_PROXY'),
      })
    },
  )

  it('know its user says where the password belongs, and does not repeat it', async () => {
    const { proxy } = await startNetwork(answerPng, () => ({ status: 407 }))
    const httpProxy = proxy.url.replace('//', '//user:secret@')
    const error: unknown = await ask('http://pictures.test/', { proxies: { httpProxy } }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ hint: expect.stringContaining('into HTTP_PROXY') })
    expect(JSON.stringify(error)).not.toContain('secret')
  })

  it('listen is named by its setting', async () => {
    const server = createTcpServer()
    const port = await listen(server)
    await new Promise((done) => server.close(done))
    await expect(
      ask('https://pictures.test/', { proxies: { httpsProxy: `http://127.0.0.1:${port}` } }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('the proxy of HTTPS_PROXY cannot be reached'),
    })
  })

  it('answer ends with the time of the image', async () => {
    const port = await listen(createTcpServer((socket) => socket.on('error', () => undefined)))
    const proxies = { httpProxy: `http://127.0.0.1:${port}` }
    await expect(ask('http://pictures.test/', { proxies, timeoutMs: 300 })).rejects.toMatchObject({
      code: 'image_download_timeout',
    })
  })

  it('answer is let go of when the caller goes away', async () => {
    const gone = new AbortController()
    let closed = false
    const port = await listen(
      createTcpServer((socket) => {
        socket.on('error', () => undefined)
        socket.on('close', () => {
          closed = true
        })
        socket.once('data', () => gone.abort())
      }),
    )
    const proxies = { httpProxy: `http://127.0.0.1:${port}` }
    await expect(
      ask('http://pictures.test/', { proxies, signal: gone.signal }),
    ).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(() => closed).toBe(true)
  })
})

describe('a name that only the proxy knows', () => {
  it('is said by name, with the setting that helps', async () => {
    const { proxy, proxies } = await startNetwork()
    await expect(ask('http://far.test/', { proxies })).rejects.toMatchObject({
      code: 'failed_to_download_image',
      message: expect.stringContaining('far.test cannot be resolved'),
      hint: expect.stringContaining('--proxy-resolves'),
    })
    expect(proxy.targets).toEqual([])
  })

  it('is said without that setting where there is no proxy for it', async () => {
    for (const proxies of [{}, { httpProxy: 'http://127.0.0.1:9', noProxy: 'far.test' }]) {
      await expect(ask('http://far.test/', { proxies })).rejects.toMatchObject({
        message: expect.stringContaining('far.test cannot be resolved'),
        hint: expect.not.stringContaining('--proxy-resolves'),
      })
    }
  })

  it('is looked up by it where that is set, redirects included', async () => {
    const { asked, proxy, proxies } = await startNetwork((request, response) => {
      if (request.headers.host === 'farther.test') response.end(PNG)
      else response.writeHead(302, { location: 'http://farther.test/' }).end()
    })
    await ask('http://far.test/', { proxies: { ...proxies, proxyResolves: true } })
    expect(proxy.targets).toEqual(['far.test:80', 'farther.test:80'])
    expect(asked.map(({ headers }) => headers.host)).toEqual(['far.test', 'farther.test'])
  })

  it('that is known here too is not', async () => {
    const { proxy, proxies } = await startNetwork()
    await ask('http://pictures.test/', { proxies: { ...proxies, proxyResolves: true } })
    expect(proxy.targets).toEqual(['93.184.216.34:80'])
  })

  it.each([
    'router',
    'router.',
    'metadata.google.internal',
    'printer.local',
    'nas2.lan',
    'x.localhost',
  ])('is not looked up where it is that of an inner network: %s', async (host) => {
    const { proxy, proxies } = await startNetwork()
    const settings = { proxies: { ...proxies, proxyResolves: true } }
    await expect(ask(`http://${host}/`, settings)).rejects.toMatchObject({
      message: expect.stringContaining('cannot be resolved'),
    })
    expect(proxy.targets).toEqual([])
    await ask(`http://${host}/`, { ...settings, hosts: [host] })
    expect(proxy.targets).toEqual([`${host}:80`])
  })
})
