// A connection through a proxy, to an address that was checked before: the proxy is asked to CONNECT to
// the number, so that no name is looked up a second time.
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Proxy } from '../../base/proxies.ts'

/** The proxy's answer to CONNECT, when it is not that the tunnel stands. */
export class TunnelRefused extends Error {
  readonly status: number

  constructor(status: number) {
    super(`the proxy answered CONNECT with status ${status}`)
    this.status = status
  }
}

/**
 * @param host an address, or a name that the proxy is to look up.
 * @returns what is written there goes to `host`, and the other way round; nothing of it is read yet.
 * @throws TunnelRefused, and what Node throws where the proxy cannot be reached.
 */
export async function openTunnel(
  { url }: Proxy,
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Duplex> {
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
  return new Promise((resolve, reject) => {
    const asking = (url.protocol === 'https:' ? requestHttps : requestHttp)({
      // Brackets are for URLs.
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? undefined : url.port,
      method: 'CONNECT',
      path: target,
      headers: { host: target, 'user-agent': 'FloCap', ...authorization(url) },
      agent: false,
      signal,
    })
    asking.once('connect', ({ statusCode = 0 }, socket, head) => {
      if (statusCode >= 200 && statusCode < 300) {
        // A server that speaks first: its words belong to what is read from the tunnel.
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
      } else {
        socket.destroy()
        reject(new TunnelRefused(statusCode))
      }
    })
    asking.on('error', reject)
    // Also for what is neither: a proxy that hangs up, or that answers as if it were the server.
    asking.once('response', (response) => response.destroy())
    asking.once('close', () => reject(new Error('the proxy closed the connection')))
    asking.end()
  })
}

/** Of the proxy alone: the server behind never sees it. */
function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}
