// API keys: none by default; with keys, every request shows one of them. Where `keysForLoopback` is
// off, programs of the same machine need none.
//
// Keys are kept and compared as SHA-256, so that neither a heap dump nor the time of a comparison
// tells one.
import { createHash, timingSafeEqual } from 'node:crypto'
import { FlocapError } from '../../base/errors.ts'
import { isLoopbackAddress } from './address.ts'

export interface KeyGuard {
  /** @throws FlocapError unauthorized. */
  assertKey(headers: Headers, address: string | undefined): void
}

/** A proxy on this machine makes everybody look local; most of them leave one of these. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

/** @param keysForLoopback whether programs of this machine need a key too. */
export function createKeyGuard(keys: readonly string[], keysForLoopback = true): KeyGuard {
  const hashes = keys.map((key) => hashOf(key))
  return {
    assertKey(headers, address) {
      if (hashes.length === 0) return
      if (!keysForLoopback && isLocalCaller(headers, address)) return
      const key = keyOf(headers)
      if (key === undefined) {
        throw unauthorized('This server asks for an API key and the request has none.')
      }
      const hash = hashOf(key)
      // Every key is compared, so that the time does not tell which one matched.
      const matches = hashes.filter((known) => timingSafeEqual(known, hash))
      if (matches.length === 0) throw unauthorized('The API key of the request is wrong.')
    },
  }
}

function isLocalCaller(headers: Headers, address: string | undefined): boolean {
  if (address === undefined || FORWARDED.some((name) => headers.has(name))) return false
  return isLoopbackAddress(address)
}

/** `Authorization: Bearer` with nothing after it means no key, as SillyTavern sends it. */
export function keyOf(headers: Headers): string | undefined {
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
