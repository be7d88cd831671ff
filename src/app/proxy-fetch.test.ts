import { createServer, type RequestListener, type Server } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { portOf } from '../../test/support/port-of.ts'
import { createProxyFetch, type ProxySettings } from './proxy-fetch.ts'

const NONE: ProxySettings = { httpsProxy: '', httpProxy: '', noProxy: '' }

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return portOf(server)
}

/** A proxy that leads every tunnel to `port` and remembers where it was meant to go. */
async function startProxy(port: number) {
  const targets: string[] = []
  const server = createServer()
  server.on('connect', (request, socket, head) => {
    targets.push(request.url ?? '')
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      onward.write(head)
      onward.pipe(socket)
      socket.pipe(onward)
    })
    for (const end of [onward, socket]) end.on('error', () => undefined)
  })
  return { url: `http://127.0.0.1:${await listen(server)}`, targets }
}

const answer: RequestListener = (request, response) => {
  response.end(`${request.method} ${String(request.headers['x-test'])}`)
}

const INIT = {
  headers: new Headers({ 'x-test': 'yes' }),
  redirect: 'manual',
  signal: new AbortController().signal,
} as const

describe('createProxyFetch', () => {
  it('leaves the work to Node where there is no proxy', () => {
    expect(createProxyFetch(NONE)).toBeUndefined()
  })

  it('lets the proxy find the host, which this machine need not know', async () => {
    const proxy = await startProxy(await listen(createServer(answer)))
    const fetchProxied = createProxyFetch({ ...NONE, httpProxy: proxy.url })
    const response = await fetchProxied?.(new URL('http://hub.invalid/model'), INIT)
    expect(await response?.text()).toBe('GET yes')
    expect(proxy.targets).toEqual(['hub.invalid:80'])
  })

  it('goes straight to hosts that need no proxy', async () => {
    const port = await listen(createServer(answer))
    const proxy = await startProxy(port)
    const fetchProxied = createProxyFetch({ ...NONE, httpProxy: proxy.url, noProxy: '127.0.0.1' })
    const response = await fetchProxied?.(new URL(`http://127.0.0.1:${port}/`), INIT)
    expect(await response?.text()).toBe('GET yes')
    expect(proxy.targets).toEqual([])
  })

  it('says when the proxy refuses', async () => {
    const server = createServer()
    server.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 Authenticate\r\n\r\n'))
    const httpProxy = `http://127.0.0.1:${await listen(server)}`
    const fetchProxied = createProxyFetch({ ...NONE, httpProxy })
    await expect(fetchProxied?.(new URL('http://hub.invalid/'), INIT)).rejects.toThrow(
      'fetch failed',
    )
  })
})
