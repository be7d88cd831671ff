// Host names and origins that a user allows, as written in the settings, to tests of what a request says.
//
// A pattern that no request can match is refused when the server starts: a guard that keeps refusing what
// its user has allowed costs more time than one that does not start.
import { domainToASCII } from 'node:url'
import { FlocapError } from '../../base/errors.ts'
import { hostNameOf, isAddress, isHostName } from './address.ts'

/** Of a name without its port, in lower case. */
export type HostTest = (name: string) => boolean

/** Of the Origin header as it was sent. */
export type OriginTest = (origin: string) => boolean

/**
 * @param text `captions.example.com`, with or without a port, or `*.lan` for all names below.
 * @throws FlocapError invalid_setting.
 */
export function parseHostPattern(text: string): HostTest {
  if (text.includes('/')) {
    const meant = hostNameOf(text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/\/.*$/, ''))
    throw wrongHost(text, meant === '' ? 'Write the name alone.' : `Write ${meant}.`)
  }
  if (text === '*') {
    throw wrongHost(
      text,
      'Every web page could use FloCap then: name the hosts, or *.lan for all of a domain.',
    )
  }
  const below = /^\*\.(.+)$/.exec(text)?.[1]
  const name = toAsciiName(hostNameOf(below ?? text))
  if (name === undefined || (below !== undefined && isAddress(name))) {
    throw wrongHost(text, 'Write a name such as captions.example.com, or *.lan for all below lan.')
  }
  return below === undefined ? (each) => each === name : (each) => each.endsWith(`.${name}`)
}

/**
 * @param text `https://chat.example.com`, `https://*.example.com`, `http://localhost:*`,
 *   `chrome-extension://*`, `null`, or `*` for all.
 * @throws FlocapError invalid_setting.
 */
export function parseOriginPattern(text: string): OriginTest {
  if (text === '*') return () => true
  if (text === 'null') return (origin) => origin === 'null'
  const [, scheme = '', authority] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text) ?? []
  if (authority === undefined) throw wrongOrigin(text, `Write its scheme too: https://${text}.`)
  if (/[/?#@]/.test(authority)) {
    throw wrongOrigin(
      text,
      `An origin ends before the path: ${scheme}://${authority.split(/[/?#]/)[0]}.`,
    )
  }
  const written = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::(\d{1,5}|\*))?$/i.exec(authority)
  if (written === null) throw wrongOrigin(text, 'Write it as https://chat.example.com:8000.')
  const [, host = '', port] = written
  if (port !== undefined && port === DEFAULT_PORTS[scheme.toLowerCase()]) {
    throw wrongOrigin(text, `Browsers leave the usual port out: ${scheme}://${host}.`)
  }
  const hosts = hostExpression(scheme.toLowerCase(), host)
  if (hosts === undefined) throw wrongOrigin(text, 'Write it as https://chat.example.com.')
  const ports = port === '*' ? '(?::\\d+)?' : port === undefined ? '' : `:${Number(port)}`
  const expression = new RegExp(`^${escape(scheme.toLowerCase())}://${hosts}${ports}$`)
  return (origin) => expression.test(origin)
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** Undefined for what is no host of an origin. */
function hostExpression(scheme: string, host: string): string | undefined {
  if (host === '*') return '[^/]+?'
  // Other schemes have identifiers there, in any case, or nothing.
  if (scheme !== 'http' && scheme !== 'https')
    return /^[\w.-]*$/.test(host) ? escape(host) : undefined
  if (host.startsWith('[')) return escape(host.toLowerCase())
  const below = /^\*\.(.+)$/.exec(host)?.[1]
  const name = toAsciiName((below ?? host).toLowerCase())
  if (name === undefined) return undefined
  return below === undefined ? escape(name) : `(?:[^/:.]+\\.)+${escape(name)}`
}

/** As browsers and DNS write it; undefined for what is no name and no address. */
function toAsciiName(name: string): string | undefined {
  const ascii = isAddress(name) ? name : domainToASCII(name)
  return isAddress(ascii) || isHostName(ascii) ? ascii : undefined
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\-]/g, '\\$&')
}

function wrongHost(text: string, hint: string): FlocapError {
  return new FlocapError(
    'invalid_setting',
    `Expected host names for --allowed-hosts, got '${text}'.`,
    {
      subject: '--allowed-hosts',
      hint,
    },
  )
}

function wrongOrigin(text: string, hint: string): FlocapError {
  return new FlocapError(
    'invalid_setting',
    `Expected origins of web pages for --allowed-origins, got '${text}'.`,
    { subject: '--allowed-origins', hint },
  )
}
