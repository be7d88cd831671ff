// Against DNS rebinding: a web page whose own name is made to point at this machine passes every
// origin check, because to the browser it talks to itself. Its Host header gives it away.
import { hostname } from 'node:os'
import { FlocapError } from '../../base/errors.ts'
import type { HttpSettings } from '../settings.ts'
import {
  hostNameOf,
  isAddress,
  isHostName,
  isLoopbackName,
  isPrivateName,
  isSingleLabel,
} from './address.ts'
import { parseHostPattern } from './patterns.ts'
import { quoteForeign } from './quote.ts'

/**
 * @param host the Host header; absent in HTTP/1.0, which no browser sends.
 * @throws FlocapError forbidden_host.
 */
export type AssertHost = (host: string | undefined) => void

/** @throws FlocapError invalid_setting for names that can never match. */
export function createHostGuard({ allowedHosts, privateNetwork }: HostSettings): AssertHost {
  const allowed = allowedHosts.map((text) => parseHostPattern(text))
  return (host) => {
    if (host === undefined) return
    const name = hostNameOf(host)
    // An address cannot be rebound: it leads where it says.
    if (isAddress(name) || isLoopbackName(name) || name === hostname().toLowerCase()) return
    // Others of the same network can make these names lead to them, or to this machine.
    if (privateNetwork && (isSingleLabel(name) || isPrivateName(name))) return
    if (!allowed.some((matches) => matches(name))) throw forbidden(name)
  }
}

type HostSettings = Pick<HttpSettings, 'allowedHosts' | 'privateNetwork'>

function forbidden(name: string): FlocapError {
  return new FlocapError(
    'forbidden_host',
    `FloCap does not answer for the host ${quoteForeign(name)}.`,
    isHostName(name)
      ? { hint: `If this name is yours, start FloCap with --allowed-hosts ${name}.` }
      : {},
  )
}
