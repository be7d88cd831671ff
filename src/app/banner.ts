// What who starts a server must know about reaching it: addresses, and what other machines need.
import { networkInterfaces } from 'node:os'
import type { Access } from './access.ts'

/** Addresses to give to other machines. IPv6 ones are long, change, and are rarely needed at home. */
export function networkAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
}

/**
 * Lines for the terminal, none when only this machine can reach the server.
 *
 * @param urls where other machines reach it; may be empty on a machine without a network.
 */
export function renderAccess({ madeKey, unguarded }: Access, urls: readonly string[]): string[] {
  const [url = 'http://THIS-MACHINE'] = urls
  if (unguarded) {
    return [
      'WARNING: --insecure-no-auth: every machine that reaches this port may use FloCap, unasked.',
    ]
  }
  if (madeKey === undefined) return []
  return [
    'Programs of this machine need no key. Other machines do:',
    `  address  ${url}   (or ${url}/v1 where a client asks for a base URL)`,
    `  API key  ${madeKey}`,
    `  try      curl -H "Authorization: Bearer ${madeKey}" ${url}/v1/models`,
    'The key stays the same at the next start. --insecure-no-auth does without it.',
  ]
}
