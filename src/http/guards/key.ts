// API keys: none by default; with keys, every request shows one of them. Where `keysForLoopback` is
// off, programs of the same machine need none.
//
// Keys are kept and compared as SHA-256, so that neither a heap dump nor the time of a comparison
// tells one.
import { createHash, timingSafeEqual } from 'node:crypto'
import { FlocapError } from '../../base/errors.ts'
import { isLoopbackAddress } from './address.ts'
import type { Caller } from './caller.ts'

export interface KeyGuard {
  /**
   * @param caller from where the request comes.
   * @param pathKey that of its address; one in a header counts first.
   * @returns the key that was checked, as a hash in base64; undefined where none is asked for.
   * @throws FlocapError unauthorized.
   */
  check(headers: Headers, caller: Caller, pathKey?: string): string | undefined
}

/** @param keysForLoopback whether programs of this machine need a key too. */
export function createKeyGuard(keys: readonly string[], keysForLoopback = true): KeyGuard {
  const hashes = keys.map((key) => hashOf(key))
  return {
    check(headers, { address, forwarded }, pathKey) {
      if (hashes.length === 0) return undefined
      const isLocal = address !== undefined && !forwarded && isLoopbackAddress(address)
      if (!keysForLoopback && isLocal) return undefined
      const key = keyOf(headers) ?? pathKey
      if (key === undefined) {
        throw unauthorized('This server asks for an API key and the request has none.')
      }
      const hash = hashOf(key)
      // Every key is compared, so that the time does not tell which one matched.
      const matches = hashes.filter((known) => timingSafeEqual(known, hash))
      if (matches.length === 0) throw unauthorized('The API key of the request is wrong.')
      return hash.toString('base64')
    },
  }
}

/** `Authorization: Bearer` with nothing after it means no key, as SillyTavern sends it. */
function keyOf(headers: Headers): string | undefined {
  const bearer = /^bearer(?:\s+(.*))?$/i.exec(headers.get('authorization')?.trim() ?? '')?.[1]
  const key = bearer || headers.get('x-api-key')?.trim() || headers.get('api-key')?.trim()
  return key === undefined || key === '' ? undefined : key
}

function unauthorized(message: string): FlocapError {
  return new FlocapError('unauthorized', message, {
    hint: 'Send it as "Authorization: Bearer KEY" or "x-api-key: KEY", or put it into the address: http://HOST:PORT/k/KEY.',
  })
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
