import { createServer, type RequestListener, type Server } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { portOf } from '../../test/support/port-of.ts'
import { startProxy } from '../../test/support/stand-in-proxy.ts'
import { NO_PROXIES } from '../base/proxies.ts'
import { createProxyFetch } from './proxy-fetch.ts'

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return portOf(server)
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
    expect(createProxyFetch(NO_PROXIES)).toBeUndefined()
  })

  it('lets the proxy find the host, which this machine need not know', async () => {
    const port = await listen(createServer(answer))
    const proxy = await startProxy(() => ({ port }))
    const fetchProxied = createProxyFetch({ ...NO_PROXIES, httpProxy: proxy.url })
    const response = await fetchProxied?.(new URL('http://hub.invalid/model'), INIT)
    expect(await response?.text()).toBe('GET yes')
    expect(proxy.targets).toEqual(['hub.invalid:80'])
  })

  it('goes straight to hosts that need no proxy', async () => {
    const port = await listen(createServer(answer))
    const proxy = await startProxy(() => ({ port }))
    const fetchProxied = createProxyFetch({
      ...NO_PROXIES,
      httpProxy: proxy.url,
      noProxy: '127.0.0.1',
    })
    const response = await fetchProxied?.(new URL(`http://127.0.0.1:${port}/`), INIT)
    expect(await response?.text()).toBe('GET yes')
    expect(proxy.targets).toEqual([])
  })

  it('says when the proxy refuses', async () => {
    const { url: httpProxy } = await startProxy(() => ({ status: 407 }))
    const fetchProxied = createProxyFetch({ ...NO_PROXIES, httpProxy })
    await expect(fetchProxied?.(new URL('http://hub.invalid/'), INIT)).rejects.toThrow(
      'fetch failed',
    )
  })
})
