// Which addresses an image may come from, once its host name has been resolved.
//
// ipaddr.js knows the special-purpose ranges of IANA's registries; whatever has a name there is not
// public. Of IPv6 only 2000::/3 is given out at all, so that the rest needs no list: IPv4 written
// inside IPv6 (::/96, ::ffff:0:0/96, 64:ff9b::/96) is out by that rule alone.
import ipaddr from 'ipaddr.js'

/** Where a user may have machines; reachable through hosts that are listed. */
const PRIVATE_RANGES: ReadonlySet<string> = new Set(['private', 'uniqueLocal', 'carrierGradeNat'])

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

export interface AddressRules {
  /** The host is one that the user listed, so it may be in the private network. */
  readonly listed: boolean
  /** And it is this machine by name or number, so it may be that. */
  readonly loopback: boolean
}

/**
 * Link-local addresses are never allowed: cloud machines find their credentials there
 * (169.254.169.254). What cannot be read is not allowed either.
 *
 * @param address as a resolver gives it; with a zone (`fe80::1%eth0`) it is link-local.
 */
export function isAddressAllowed(address: string, { listed, loopback }: AddressRules): boolean {
  if (!ipaddr.isValid(address) || address.includes('%')) return false
  const parsed = ipaddr.parse(address)
  const range = parsed.range()
  if (range === 'loopback') return loopback
  if (PRIVATE_RANGES.has(range)) return listed
  if (range !== 'unicast') return false
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_IPV6)
}
