// Which addresses an image may come from, once its host name has been resolved.
//
// ipaddr.js knows the special-purpose ranges of IANA's registries; whatever has a name there is not
// public. Of IPv6 only 2000::/3 is given out at all, so that the rest needs no list: IPv4 written
// inside IPv6 (::/96, ::ffff:0:0/96, 64:ff9b::/96) is out by that rule alone.
import ipaddr from 'ipaddr.js'

/** Where a user may have machines; reachable through hosts that are listed. */
const PRIVATE_RANGES: ReadonlySet<string> = new Set(['private', 'uniqueLocal', 'carrierGradeNat'])

/**
 * Where cloud platforms answer their own machines, outside of link-local: credentials, user data and
 * the platform's agent lie there. No picture does, so that listing a host does not open them.
 */
const PLATFORM_ADDRESSES = [
  // Azure: WireServer, DNS and health probes, by an address that looks public.
  '168.63.129.16/32',
  // Alibaba Cloud: metadata, in the range of carriers' NAT.
  '100.100.100.200/32',
  // Oracle Cloud: metadata of older machines.
  '192.0.0.192/32',
  // AWS: metadata, DNS and time by IPv6.
  'fd00:ec2::/32',
  // Google Cloud: metadata by IPv6.
  'fd20:ce::254/128',
  // Scaleway: metadata by IPv6.
  'fd00:42::42/128',
].map((range) => ipaddr.parseCIDR(range))

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

export interface AddressRules {
  /** The host is one that the user listed, so it may be in the private network. */
  readonly listed: boolean
  /** And it is this machine by name or number, so it may be that. */
  readonly loopback: boolean
}

/**
 * Link-local addresses are never allowed: cloud machines find their credentials there
 * (169.254.169.254); nor are the other addresses of cloud platforms. What cannot be read is not allowed either.
 *
 * @param address as a resolver gives it; with a zone (`fe80::1%eth0`) it is link-local.
 */
export function isAddressAllowed(address: string, { listed, loopback }: AddressRules): boolean {
  if (!ipaddr.isValid(address) || address.includes('%')) return false
  const parsed = ipaddr.parse(address)
  if (PLATFORM_ADDRESSES.some(([base, bits]) => isIn(parsed, base, bits))) return false
  const range = parsed.range()
  if (range === 'loopback') return loopback
  if (PRIVATE_RANGES.has(range)) return listed
  if (range !== 'unicast') return false
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_IPV6)
}

function isIn(
  address: ipaddr.IPv4 | ipaddr.IPv6,
  base: ipaddr.IPv4 | ipaddr.IPv6,
  bits: number,
): boolean {
  return address.kind() === base.kind() && address.match(base, bits)
}
