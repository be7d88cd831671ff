// From where a request comes: the address of its socket, or what a trusted proxy says of it.
//
// Headers are a claim that anybody can make. Those of --trust-proxy may say where a request came from; from
// all others the marks of proxies say only that it came through one, and so not from this machine.
import { BlockList, isIP } from 'node:net'
import { FlocapError } from '../../base/errors.ts'
import type { HttpSettings } from '../settings.ts'
import { isLoopbackAddress } from './address.ts'

export interface Caller {
  /** Undefined for a request without a socket, as in tests. */
  readonly address: string | undefined
  /** It came through a proxy. */
  readonly forwarded: boolean
}

/** Whether it is a program of this machine that asks, and through no proxy. */
export function isThisMachine({ address, forwarded }: Caller): boolean {
  return address !== undefined && !forwarded && isLoopbackAddress(address)
}

/** @param address of the socket. */
export type FindCaller = (headers: Headers, address: string | undefined) => Caller

type CallerSettings = Pick<HttpSettings, 'forwardedHeaders' | 'trustedProxies'>

/** @throws FlocapError invalid_setting for names and addresses that are none. */
export function createCallerFinder({
  forwardedHeaders,
  trustedProxies,
}: CallerSettings): FindCaller {
  const marks = parseMarks(forwardedHeaders)
  const isTrusted = parseProxies(trustedProxies)
  return (headers, address) => {
    const forwarded = marks(headers)
    if (address === undefined || !isTrusted(address)) return { address, forwarded }
    // Each proxy adds at the end; what stands before the last one that is not ours may be invented.
    const named = (headers.get('x-forwarded-for') ?? '').split(',').map((each) => addressOf(each))
    const nearest = named.findLast((each) => each === undefined || !isTrusted(each))
    return { address: nearest ?? address, forwarded }
  }
}

const HEADER_NAME = /^[a-z0-9-]+\*?$/

/** @param names of headers; a star at the end stands for anything. */
function parseMarks(names: readonly string[]): (headers: Headers) => boolean {
  const lower = names.map((name) => name.toLowerCase())
  const wrong = lower.find((name) => !HEADER_NAME.test(name))
  if (wrong !== undefined) {
    throw new FlocapError(
      'invalid_setting',
      `Expected names of headers for --forwarded-headers, got '${wrong}'.`,
      { subject: '--forwarded-headers', hint: 'Write them as x-real-ip or x-forwarded-*.' },
    )
  }
  const whole = lower.filter((name) => !name.endsWith('*'))
  const beginnings = lower.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  return (headers) => {
    if (whole.some((name) => headers.has(name))) return true
    if (beginnings.length === 0) return false
    return [...headers.keys()].some((name) => beginnings.some((each) => name.startsWith(each)))
  }
}

/** @param proxies addresses, ranges such as 10.0.0.0/8, or `loopback`. */
function parseProxies(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const text of proxies) {
    if (text === 'loopback') {
      list.addSubnet('127.0.0.0', 8, 'ipv4')
      list.addAddress('::1', 'ipv6')
      continue
    }
    const [address = '', bits, ...rest] = text.split('/')
    const version = isIP(address)
    const most = version === 6 ? 128 : 32
    const length = bits === undefined ? most : Number(/^\d{1,3}$/.exec(bits)?.[0] ?? NaN)
    if (version === 0 || rest.length > 0 || !(length >= 1 && length <= most)) {
      throw new FlocapError(
        'invalid_setting',
        `Expected addresses of proxies for --trust-proxy, got '${text}'.`,
        {
          subject: '--trust-proxy',
          hint: 'Write an address, a range such as 10.0.0.0/8, or loopback.',
        },
      )
    }
    list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4')
  }
  return (address) => {
    const plain = plainAddress(address)
    const version = isIP(plain)
    return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4')
  }
}

/** IPv4 may be written inside IPv6. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** Undefined for what is no address, such as `unknown`; a port is taken off. */
function addressOf(text: string): string | undefined {
  const trimmed = text.trim()
  const bare =
    /^\[([^\]]*)\](?::\d+)?$/.exec(trimmed)?.[1] ?? trimmed.replace(/^([\d.]+):\d+$/, '$1')
  return isIP(bare) === 0 ? undefined : plainAddress(bare)
}
