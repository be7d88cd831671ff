// Connection details printed at start-up: addresses, and the API key that other machines need.
import { hostname, networkInterfaces } from 'node:os'
import type { Access } from './access.ts'

/**
 * Addresses to give to other machines. IPv6 ones are long, change, and are rarely needed at home.
 * A machine without a network has a name that stands for it all the same.
 */
export function networkAddresses(): readonly string[] {
  const found = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
  return found.length > 0 ? found : [hostname()]
}

/**
 * Lines for the terminal, none when only this machine can reach the server.
 *
 * @param urls where other machines reach it.
 */
export function renderAccess({ madeKey, unguarded }: Access, urls: readonly string[]): string[] {
  const [url] = urls
  if (url === undefined) return []
  const addresses = `  address  ${urls.join(' or ')}   (append /v1 where a client asks for a base URL)`
  if (unguarded) {
    return [
      'WARNING: --insecure-no-auth: every machine that can reach this port may use FloCap without a key.',
      'Other machines need only the address:',
      addresses,
    ]
  }
  if (madeKey === undefined)
    return ['Every program must send one of your API keys. From other machines:', addresses]
  return [
    'Programs on this machine need no API key. Other machines do:',
    addresses,
    `  API key  ${madeKey}`,
    `  try      curl -H "Authorization: Bearer ${madeKey}" ${url}/v1/models`,
    'The key stays the same at the next start. --insecure-no-auth switches it off.',
  ]
}
