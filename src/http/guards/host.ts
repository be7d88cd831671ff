// Against DNS rebinding: a web page whose own name is made to point at this machine passes every
// origin check, because to the browser it talks to itself. Its Host header gives it away.
import { hostname } from 'node:os'
import { FlocapError } from '../../base/errors.ts'
import type { HttpSettings } from '../settings.ts'
import { hostNameOf, isAddress, isLoopbackName, isPrivateName, isSingleLabel } from './address.ts'

/**
 * @param host the Host header; absent in HTTP/1.0, which no browser sends.
 * @throws FlocapError forbidden_host.
 */
export function assertHostAllowed(host: string | undefined, settings: HttpSettings): void {
  if (host === undefined || isHostAllowed(hostNameOf(host), settings)) return
  throw new FlocapError('forbidden_host', 'FloCap does not answer for the host of this request.', {
    hint: 'If this name is yours, add it to the allowed hosts in the settings of FloCap.',
  })
}

function isHostAllowed(name: string, settings: HttpSettings): boolean {
  // An address cannot be rebound: it leads where it says.
  if (isAddress(name) || isLoopbackName(name) || isPrivateName(name)) return true
  if (name === hostname().toLowerCase()) return true
  if (settings.privateNetwork && isSingleLabel(name)) return true
  return settings.allowedHosts.some((allowed) => hostNameOf(allowed) === name)
}
