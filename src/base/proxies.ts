// Which proxy a web address is reached through: the rules that HTTPS_PROXY, HTTP_PROXY and NO_PROXY have
// in curl, Go and Python, so that one environment serves all programs. Downloads and images by URL both
// ask here.
import { BlockList, isIP } from 'node:net'

export interface ProxySettings {
  /** Address of a proxy for https:// addresses; empty for none. */
  readonly httpsProxy: string
  /** The same for http:// addresses, and for both where it is the only one. */
  readonly httpProxy: string
  /** Hosts that are reached without it, with commas or blanks between. */
  readonly noProxy: string
}

export interface Proxy {
  /** With the user name and password that it wants, if any. */
  readonly url: URL
  /** The setting that named it: what errors call it, since its address may hold a password. */
  readonly setting: 'HTTPS_PROXY' | 'HTTP_PROXY'
}

export const NO_PROXIES: ProxySettings = { httpsProxy: '', httpProxy: '', noProxy: '' }

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** @returns undefined for an address that is reached without a proxy. */
export function proxyFor(address: URL, settings: ProxySettings): Proxy | undefined {
  const { httpsProxy, httpProxy, noProxy } = settings
  const isSecure = address.protocol === 'https:' && httpsProxy !== ''
  const proxy = isSecure ? httpsProxy : httpProxy
  if (proxy === '' || isExempt(address, noProxy)) return undefined
  return { url: new URL(proxy), setting: isSecure ? 'HTTPS_PROXY' : 'HTTP_PROXY' }
}

/**
 * Entries are `*`, a host with all below it (`example.com`, `.example.com`, `*.example.com`), an
 * address (`10.0.0.1`, `::1`), or a range of them (`10.0.0.0/8`); all but ranges may name a port.
 */
function isExempt({ hostname, protocol, port }: URL, noProxy: string): boolean {
  const host = bare(hostname)
  const number = port === '' ? DEFAULT_PORTS[protocol] : Number(port)
  return noProxy
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || isInRange(host, entry) || isNamed(host, number, entry))
}

function isNamed(host: string, port: number | undefined, entry: string): boolean {
  // The colons of an IPv6 address without brackets are no port.
  const [, name = entry, wanted] = isIP(entry) === 6 ? [] : (/^(.+?)(?::(\d+))?$/.exec(entry) ?? [])
  if (wanted !== undefined && Number(wanted) !== port) return false
  const exempt = bare(name.replace(/^\*?\./, ''))
  return host === exempt || (isIP(host) === 0 && host.endsWith(`.${exempt}`))
}

function isInRange(host: string, entry: string): boolean {
  const [, base = '', bits = ''] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? []
  const family = isIP(base)
  if (family === 0 || isIP(host) !== family || Number(bits) > (family === 4 ? 32 : 128)) {
    return false
  }
  const range = new BlockList()
  const type = family === 4 ? 'ipv4' : 'ipv6'
  range.addSubnet(base, Number(bits), type)
  return range.check(host, type)
}

/** As resolvers and addresses have it: no brackets, no dot at the end, one spelling of IPv6. */
function bare(host: string): string {
  const name = host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
  return isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name
}
