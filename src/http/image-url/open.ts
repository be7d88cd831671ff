// Asks the server of an image URL, over a connection to an address that was checked: straight, or through
// a proxy. The name goes to the server alone, in its Host header and for its certificate.
import type { LookupAddress } from 'node:dns'
import {
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
  type RequestOptions,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { Proxy } from '../../base/proxies.ts'
import { proxyFailed } from './failures.ts'
import type { ImageUrl } from './image-url.ts'
import { openTunnel, TunnelRefused } from './tunnel.ts'

const REQUEST_HEADERS = {
  accept: 'image/*',
  // What is compressed may be a thousand times its size; pictures are compressed already.
  'accept-encoding': 'identity',
  // Some hosts answer nobody without a name.
  'user-agent': 'FloCap',
}

/** Hosts have one or two of each family; a proxy that reaches none of these reaches none. */
const MAX_ADDRESSES_TRIED = 4

interface Limits {
  readonly field: string
  readonly signal: AbortSignal
}

/** Connects to `addresses`, whatever the name leads to by now. */
export async function openStraight(
  target: ImageUrl,
  addresses: readonly LookupAddress[],
  { signal }: Limits,
): Promise<IncomingMessage> {
  const secure = target.url.protocol === 'https:'
  return answerOf(target, secure ? requestHttps : requestHttp, {
    host: target.host,
    port: target.port,
    lookup: pinnedTo(addresses),
    agent: secure ? new HttpsAgent() : new HttpAgent(),
    signal,
  })
}

/**
 * Has `proxy` connect to the first of `addresses` that it reaches.
 *
 * @param addresses undefined leaves it to the proxy to look up the name.
 * @throws FlocapError failed_to_download_image that names the proxy's setting.
 */
export async function openProxied(
  target: ImageUrl,
  addresses: readonly LookupAddress[] | undefined,
  { proxy, field, signal }: Limits & { readonly proxy: Proxy },
): Promise<IncomingMessage> {
  const hosts = addresses?.map(({ address }) => address) ?? [target.host]
  const socket = await firstTunnel(hosts.slice(0, MAX_ADDRESSES_TRIED), target.port, {
    proxy,
    field,
    signal,
  })
  return answerOf(target, requestHttp, {
    createConnection: () => (target.url.protocol === 'https:' ? secured(socket, target) : socket),
    signal,
  })
}

async function firstTunnel(
  [host = '', ...others]: readonly string[],
  port: number,
  limits: Limits & { readonly proxy: Proxy },
): Promise<Duplex> {
  const { proxy, field, signal } = limits
  try {
    return await openTunnel(proxy, { host, port }, signal)
  } catch (error) {
    // It could not reach this address; what it forbids, it forbids for all of them.
    const isUnreached = error instanceof TunnelRefused && error.status >= 500
    if (isUnreached && others.length > 0) return firstTunnel(others, port, limits)
    throw proxyFailed(field, proxy.setting, error)
  }
}

/** TLS inside a tunnel; the certificate has to be that of the name, as without one. */
function secured(socket: Duplex, { host }: ImageUrl): Duplex {
  const name = isIP(host) === 0 ? { servername: host } : {}
  return connectTls({ socket, host, ...name, ALPNProtocols: ['http/1.1'] })
}

async function answerOf(
  { url }: ImageUrl,
  request: typeof requestHttp,
  options: RequestOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      ...options,
      path: `${url.pathname}${url.search}`,
      headers: { ...REQUEST_HEADERS, host: url.host },
    })
    outgoing.once('response', (response) => {
      // Who reads it is told; between two readers an error would end the process.
      response.on('error', () => undefined)
      resolve(response)
    })
    outgoing.on('error', reject)
    // Also for what is neither: an answer that wants another protocol.
    outgoing.once('close', () => reject(new Error('the connection closed without an answer')))
    outgoing.end()
  })
}

function pinnedTo(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, { all }, answer) => {
    const [first] = addresses
    if (all === true) answer(null, [...addresses])
    else if (first !== undefined) answer(null, first.address, first.family)
  }
}
