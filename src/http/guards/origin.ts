// Which web pages may use this server. Every page that a browser shows can send requests to this
// machine; only the Origin header tells them apart.
//
// `null` is refused unless it is configured: pages opened from disk send it, but so does every
// sandboxed frame of any web site, so allowing it would allow everybody. Pictures and scripts that a page
// loads have no Origin; browsers mark them in Sec-Fetch-Site, and without that they could tell any page
// whether FloCap runs here.
import { FlocapError } from '../../base/errors.ts'
import type { HttpSettings } from '../settings.ts'
import { hostNameOf, isLoopbackName, isPrivateName, isSingleLabel } from './address.ts'
import { parseOriginPattern } from './patterns.ts'
import { quoteForeign } from './quote.ts'

/** Schemes of desktop applications and editors; a web site cannot have them. */
const APPLICATION_SCHEMES = ['app:', 'file:', 'tauri:', 'vscode-webview:', 'capacitor:']

/** What a browser says about where a request comes from. */
export interface Sender {
  /** The Origin header; absent when no web page is involved, and for pictures and scripts of one. */
  readonly origin: string | undefined
  /** The Host header, to recognise FloCap's own pages. */
  readonly host: string | undefined
  readonly method: string
  /** Sec-Fetch-Site, -Mode and -Dest: sent by browsers to this machine and over TLS. */
  readonly site: string | undefined
  readonly mode: string | undefined
  readonly destination: string | undefined
}

/** @throws FlocapError forbidden_origin. */
export type AssertSender = (sender: Sender) => void

/** @throws FlocapError invalid_setting for origins that can never match. */
export function createOriginGuard({
  allowedOrigins,
  privateNetwork,
}: OriginSettings): AssertSender {
  const allowed = allowedOrigins.map((text) => parseOriginPattern(text))

  const isAllowed = (origin: string, host: string | undefined): boolean => {
    if (allowed.some((matches) => matches(origin))) return true
    const parts = /^([a-z][a-z0-9+.-]*:)\/\/(.*)$/.exec(origin)
    if (parts === null) return false
    const [, scheme = '', authority = ''] = parts
    if (APPLICATION_SCHEMES.includes(scheme)) return true
    if (scheme !== 'http:' && scheme !== 'https:') return false
    const name = hostNameOf(authority)
    // FloCap's own page, or one of the same machine: the Host header was checked before.
    if (host !== undefined && name === hostNameOf(host)) return true
    if (isLoopbackName(name)) return true
    return privateNetwork && (isPrivateName(name) || isSingleLabel(name))
  }

  return (sender) => {
    const { origin, host } = sender
    if (origin !== undefined) {
      if (!isAllowed(origin, host)) throw forbidden(origin)
    } else if (sender.site === 'cross-site' && !isVisit(sender) && !allowsAll(allowedOrigins)) {
      throw new FlocapError(
        'forbidden_origin',
        'A web page of another site may not load anything from FloCap (Sec-Fetch-Site: cross-site).',
        { hint: 'Pages whose origin is in --allowed-origins can ask with fetch() and CORS.' },
      )
    }
  }
}

type OriginSettings = Pick<HttpSettings, 'allowedOrigins' | 'privateNetwork'>

function allowsAll(origins: readonly string[]): boolean {
  return origins.includes('*')
}

/** A link to FloCap's page that somebody has followed: the page that had it cannot read the answer. */
function isVisit({ method, mode, destination }: Sender): boolean {
  return (
    (method === 'GET' || method === 'HEAD') && mode === 'navigate' && destination === 'document'
  )
}

function forbidden(origin: string): FlocapError {
  return new FlocapError(
    'forbidden_origin',
    `The web page of the origin ${quoteForeign(origin)} may not use FloCap.`,
    {
      hint: FLAG_VALUE.test(origin)
        ? `If you trust it, start FloCap with --allowed-origins ${origin}.`
        : 'Only origins as browsers write them can be allowed.',
    },
  )
}

/** What can be copied to a command line. */
const FLAG_VALUE = /^(?:null|[a-z][a-z0-9+.-]{0,40}:\/\/[\w.:[\]-]{1,100})$/
