// To which addresses the host of an image URL leads, all of them checked.
import { lookup, type LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { FlocapError } from '../../base/errors.ts'
import type { Proxy } from '../../base/proxies.ts'
import { unlessAborted } from '../../base/unless-aborted.ts'
import { isAddressAllowed } from './address.ts'
import { failed, nameUnknown } from './failures.ts'
import type { ImageUrl } from './image-url.ts'

/** All addresses of a name, in the order of preference. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>

export interface Lookup {
  readonly resolve: Resolve
  /** Through which the host will be reached. */
  readonly proxy: Proxy | undefined
  /** A name that is not known here may be looked up by the proxy. */
  readonly proxyResolves: boolean
}

/**
 * @param field where the URL stands in the request, for messages.
 * @returns undefined for a name that the proxy alone can look up, and may.
 * @throws FlocapError image_address_refused when one of them is not allowed: a name is not half trusted;
 *   failed_to_download_image for a name without any.
 */
export async function addressesOf(
  target: ImageUrl,
  { resolve, proxy, proxyResolves }: Lookup,
  { field, signal }: { readonly field: string; readonly signal: AbortSignal },
): Promise<readonly LookupAddress[] | undefined> {
  const { host, rules } = target
  const family = isIP(host)
  const addresses =
    // A resolver cannot be stopped; its answer is not waited for.
    family === 0 ? await unlessAborted(tryTo(resolve, host), signal) : [{ address: host, family }]
  if (addresses instanceof Error) {
    if (proxy !== undefined && proxyResolves && mayBeElsewhere(target)) return undefined
    throw nameUnknown(field, host, proxy !== undefined && !proxyResolves, addresses)
  }
  if (addresses.length === 0) throw failed(field, 'its host has no address')
  if (addresses.every(({ address }) => isAddressAllowed(address, rules))) return addresses
  throw new FlocapError(
    'image_address_refused',
    `The image URL in '${field}' leads into a network that images are not fetched from.`,
    {
      hint: 'Send the image itself as a data URL, or list its host in --allow-image-urls.',
      subject: field,
    },
  )
}

async function tryTo(resolve: Resolve, host: string): Promise<readonly LookupAddress[] | Error> {
  return resolve(host).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  )
}

/** Names that mean something in one network only (RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal`). */
const INNER_NAMES = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|localdomain)$/i

/** A proxy looks up what is listed, and names that the whole internet knows. */
function mayBeElsewhere({ host, rules }: ImageUrl): boolean {
  const name = host.replace(/\.$/, '')
  return rules.listed || (name.includes('.') && !INNER_NAMES.test(name))
}

export async function resolveHost(host: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses)
      else reject(error)
    })
  })
}
