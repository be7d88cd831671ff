// What a host name tells about where it leads: this machine, the private network, or anywhere.
import { isIP } from 'node:net'
import { BlockList } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')
// "This host": browsers let pages write it for the machine they run on.
LOOPBACK.addAddress('0.0.0.0', 'ipv4')
LOOPBACK.addAddress('::', 'ipv6')

const PRIVATE = new BlockList()
PRIVATE.addSubnet('10.0.0.0', 8, 'ipv4')
PRIVATE.addSubnet('172.16.0.0', 12, 'ipv4')
PRIVATE.addSubnet('192.168.0.0', 16, 'ipv4')
PRIVATE.addSubnet('169.254.0.0', 16, 'ipv4')
// Carrier-grade NAT, which overlay networks such as Tailscale hand out.
PRIVATE.addSubnet('100.64.0.0', 10, 'ipv4')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
PRIVATE.addSubnet('fe80::', 10, 'ipv6')

/** Top-level names that no public DNS serves (RFC 6762, RFC 6761, ICANN's private-use `internal`). */
const PRIVATE_TOP_LEVEL = /\.(?:local|internal|home\.arpa)$/

/** `Host` or the authority of a URL without its port; brackets of IPv6 taken off. */
export function hostNameOf(authority: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(authority)
  const name = bracketed?.[1] ?? authority.replace(/:\d*$/, '')
  return name.toLowerCase().replace(/\.$/, '')
}

/** Labels between single dots, each of what DNS and Docker allow; no address. */
export function isHostName(name: string): boolean {
  return name.length <= 253 && HOST_NAME.test(name) && !isAddress(name)
}

const HOST_NAME =
  /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/

export function isAddress(name: string): boolean {
  return isIP(name) !== 0
}

export function isLoopbackName(name: string): boolean {
  if (name === 'localhost') return true
  return isIn(LOOPBACK, name) || (name.endsWith('.localhost') && isHostName(name))
}

/** Of a socket; IPv4 may be written inside IPv6. */
export function isLoopbackAddress(address: string): boolean {
  return isIn(LOOPBACK, address.replace(/^::ffff:/i, ''))
}

/** A name or address that only machines of the same network can have. */
export function isPrivateName(name: string): boolean {
  return isIn(PRIVATE, name) || (PRIVATE_TOP_LEVEL.test(name) && isHostName(name))
}

/** A single label, such as a Docker Compose service: public DNS has none. */
export function isSingleLabel(name: string): boolean {
  return !name.includes('.') && isHostName(name)
}

function isIn(list: BlockList, name: string): boolean {
  const version = isIP(name)
  if (version === 0) return false
  return list.check(name, version === 4 ? 'ipv4' : 'ipv6')
}
