// Which web pages may use this server. Every page that a browser shows can send requests to this
// machine; only the Origin header tells them apart.
//
// `null` is refused unless it is configured: pages opened from disk send it, but so does every
// sandboxed frame of any web site, so allowing it would allow everybody.
import { FlocapError } from '../../base/errors.ts'
import type { HttpSettings } from '../settings.ts'
import { hostNameOf, isLoopbackName, isPrivateName, isSingleLabel } from './address.ts'

/** Schemes of desktop applications and editors; a web site cannot have them. */
const APPLICATION_SCHEMES = ['app:', 'file:', 'tauri:', 'vscode-webview:', 'capacitor:']

/**
 * @param origin the Origin header; absent when no web page is involved.
 * @param host the Host header, to recognise FloCap's own pages.
 * @throws FlocapError forbidden_origin.
 */
export function assertOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  settings: HttpSettings,
): void {
  if (origin === undefined || isOriginAllowed(origin, host, settings)) return
  throw new FlocapError(
    'forbidden_origin',
    'The web page that sent this request may not use FloCap.',
    { hint: 'If you trust it, add its origin to the allowed origins in the settings of FloCap.' },
  )
}

function isOriginAllowed(
  origin: string,
  host: string | undefined,
  settings: HttpSettings,
): boolean {
  const { allowedOrigins } = settings
  if (allowedOrigins.includes('*') || allowedOrigins.includes(origin)) return true
  const parts = /^([a-z][a-z0-9+.-]*:)\/\/(.*)$/.exec(origin)
  if (parts === null) return false
  const [, scheme = '', authority = ''] = parts
  if (APPLICATION_SCHEMES.includes(scheme)) return true
  if (scheme !== 'http:' && scheme !== 'https:') return false
  const name = hostNameOf(authority)
  // FloCap's own page, or one of the same machine: the Host header was checked before.
  if (host !== undefined && name === hostNameOf(host)) return true
  if (isLoopbackName(name)) return true
  return settings.privateNetwork && (isPrivateName(name) || isSingleLabel(name))
}
