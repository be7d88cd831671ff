import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { DEFAULT_HTTP_SETTINGS, type HttpSettings } from '../settings.ts'
import { createCallerFinder } from './caller.ts'
import { createHostGuard } from './host.ts'
import { createKeyGuard } from './key.ts'
import { createOriginGuard, type Sender } from './origin.ts'
import { parseHostPattern, parseOriginPattern } from './patterns.ts'

const LOCAL = DEFAULT_HTTP_SETTINGS
const NETWORK = { ...LOCAL, privateNetwork: true }

const assertHostAllowed = (host: string | undefined, settings: HttpSettings) =>
  createHostGuard(settings)(host)

const NOBODY: Sender = {
  origin: undefined,
  host: '127.0.0.1:5000',
  method: 'GET',
  site: undefined,
  mode: undefined,
  destination: undefined,
}

const assertOriginAllowed = (
  origin: string | undefined,
  host: string | undefined,
  settings: HttpSettings,
) => createOriginGuard(settings)({ ...NOBODY, origin, host })

describe('assertHostAllowed', () => {
  it.each([
    'localhost',
    'localhost:5000',
    'LOCALHOST.:5000',
    'flocap.localhost:5000',
    '127.0.0.1:5000',
    '127.9.9.9',
    '[::1]:5000',
    '0.0.0.0:5000',
    '192.168.1.20:5000',
    '203.0.113.9:5000',
    `${hostname()}:5000`,
  ])('answers for %s', (host) => {
    expect(() => assertHostAllowed(host, LOCAL)).not.toThrow()
  })

  it.each([
    'evil.example.com',
    'localhost.evil.example.com',
    'evil.com:5000',
    '127.0.0.1.evil.com',
    'notlocalhost',
    'flocap',
    '1.2.3.4.5',
    '[::1',
    'a@localhost.com',
    'nas.local:5000',
    'host.docker.internal:5000',
    'router.home.arpa',
    '.localhost',
    'a..localhost',
    'x-.localhost',
    '..',
    '\u0000',
    '',
  ])('refuses %j', (host) => {
    expect(() => assertHostAllowed(host, LOCAL)).toThrow(
      expect.objectContaining({ code: 'forbidden_host' }),
    )
  })

  it('answers for the service names of a private network only when it listens there', () => {
    for (const host of ['flocap:5000', 'nas.local', 'host.docker.internal', 'a.home.arpa:80']) {
      expect(() => assertHostAllowed(host, NETWORK)).not.toThrow()
    }
    for (const host of ['evil.com:5000', '.local', 'a..local', '.internal', 'a b.local', '-']) {
      expect(() => assertHostAllowed(host, NETWORK)).toThrow(/host/)
    }
  })

  it('answers for configured names, with any port and in any case', () => {
    const settings = { ...LOCAL, allowedHosts: ['Captions.example.com'] }
    expect(() => assertHostAllowed('captions.EXAMPLE.com:8080', settings)).not.toThrow()
    expect(() => assertHostAllowed('x.captions.example.com', settings)).toThrow(/host/)
  })

  it('says which name it was and which flag helps, and repeats nothing that is no name', () => {
    expect(() => assertHostAllowed('Nas.LAN:5000', LOCAL)).toThrow(
      expect.objectContaining({
        message: "FloCap does not answer for the host 'nas.lan'.",
        hint: 'If this name is yours, start FloCap with --allowed-hosts nas.lan.',
      }),
    )
    expect(() => assertHostAllowed(`a'\u001B[31m${'x'.repeat(1_000)}`, LOCAL)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /^FloCap does not answer for the host 'a\?\?\[31mx{20,}\.\.\.'\.$/,
        ),
        hint: undefined,
      }),
    )
  })

  it('lets HTTP/1.0 without a Host header through', () => {
    expect(() => assertHostAllowed(undefined, LOCAL)).not.toThrow()
  })
})

describe('assertOriginAllowed', () => {
  const HOST = '127.0.0.1:5000'

  it.each([
    'http://localhost:8000',
    'http://127.0.0.1:8000',
    'https://localhost',
    'http://[::1]:8000',
    'http://sillytavern.localhost',
    'https://tauri.localhost',
    'app://obsidian.md',
    'app://-',
    'file://',
    'tauri://localhost',
    'vscode-webview://0a1b2c',
  ])('allows %s', (origin) => {
    expect(() => assertOriginAllowed(origin, HOST, LOCAL)).not.toThrow()
  })

  it.each([
    'https://evil.example.com',
    'http://localhost.evil.com',
    'http://127.0.0.1.evil.com',
    'http://evil.com#localhost',
    'http://localhost@evil.com',
    'http://evil.com/127.0.0.1',
    'null',
    'javascript://localhost',
    'https://192.168.1.5',
    'http://nas.local',
    'localhost',
    '',
  ])('refuses %j', (origin) => {
    expect(() => assertOriginAllowed(origin, HOST, LOCAL)).toThrow(
      expect.objectContaining({ code: 'forbidden_origin' }),
    )
  })

  it('allows the private network only when it listens there', () => {
    for (const origin of [
      'http://192.168.1.5:8000',
      'http://nas.local',
      'http://nas',
      'http://[fd00::1]',
    ]) {
      expect(() => assertOriginAllowed(origin, HOST, NETWORK)).not.toThrow()
    }
    for (const origin of ['http://203.0.113.9', 'https://evil.com', 'null']) {
      expect(() => assertOriginAllowed(origin, HOST, NETWORK)).toThrow(/page/)
    }
  })

  it('allows pages of the same machine under any name that the host guard let through', () => {
    for (const origin of ['https://captions.example.com', 'http://captions.example.com:8000']) {
      expect(() => assertOriginAllowed(origin, 'captions.example.com', LOCAL)).not.toThrow()
    }
  })

  it('allows configured origins, null among them, and everything with *', () => {
    const settings = { ...LOCAL, allowedOrigins: ['https://chat.example.com', 'null'] }
    expect(() => assertOriginAllowed('https://chat.example.com', HOST, settings)).not.toThrow()
    expect(() => assertOriginAllowed('null', HOST, settings)).not.toThrow()
    expect(() => assertOriginAllowed('http://chat.example.com', HOST, settings)).toThrow(/page/)
    const open = { ...LOCAL, allowedOrigins: ['*'] }
    expect(() => assertOriginAllowed('https://evil.com', HOST, open)).not.toThrow()
  })

  it('says which origin it was and which flag helps', () => {
    expect(() => assertOriginAllowed('https://chat.example.com', HOST, LOCAL)).toThrow(
      expect.objectContaining({
        message: "The web page of the origin 'https://chat.example.com' may not use FloCap.",
        hint: 'If you trust it, start FloCap with --allowed-origins https://chat.example.com.',
      }),
    )
    expect(() => assertOriginAllowed('null', HOST, LOCAL)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('--allowed-origins null') }),
    )
    expect(() => assertOriginAllowed('https://a$(reboot)', HOST, LOCAL)).toThrow(
      expect.objectContaining({ hint: expect.not.stringContaining('reboot') }),
    )
  })

  describe('what a page of another site loads', () => {
    const check =
      (sender: Partial<Sender>, settings = LOCAL) =>
      () =>
        createOriginGuard(settings)({ ...NOBODY, site: 'cross-site', ...sender })

    it.each([
      { mode: 'no-cors', destination: 'image' },
      { mode: 'no-cors', destination: 'script' },
      { mode: 'navigate', destination: 'iframe' },
      { mode: 'navigate', destination: 'document', method: 'POST' },
      { mode: 'cors', destination: 'empty' },
      {},
    ])('is refused: %j', (sender) => {
      expect(check(sender)).toThrow(expect.objectContaining({ code: 'forbidden_origin' }))
      expect(check({ ...sender, origin: 'https://evil.com' })).toThrow(/evil\.com/)
    })

    it('may be a page that somebody visits, or come from an origin that is allowed', () => {
      expect(check({ mode: 'navigate', destination: 'document' })).not.toThrow()
      expect(check({ origin: 'http://localhost:8000', mode: 'cors' })).not.toThrow()
      expect(check({ mode: 'no-cors' }, { ...LOCAL, allowedOrigins: ['*'] })).not.toThrow()
      for (const site of ['same-origin', 'same-site', 'none']) expect(check({ site })).not.toThrow()
    })
  })

  it('does not concern requests that no web page sent', () => {
    expect(() => assertOriginAllowed(undefined, HOST, LOCAL)).not.toThrow()
  })
})

describe('createKeyGuard', () => {
  const guard = createKeyGuard(['first-key', 'second key'])
  const check = (headers: Record<string, string>) => () =>
    guard.check(new Headers(headers), { address: '127.0.0.1', forwarded: false })

  it.each([
    [{ authorization: 'Bearer first-key' }],
    [{ authorization: 'bearer   first-key ' }],
    [{ authorization: 'Bearer second key' }],
    [{ 'x-api-key': 'first-key' }],
    [{ authorization: 'Bearer', 'x-api-key': 'first-key' }],
  ])('accepts %j', (headers) => {
    expect(check(headers)).not.toThrow()
  })

  it.each([
    [{}],
    [{ authorization: 'Bearer' }],
    [{ authorization: 'Bearer ' }],
    [{ authorization: 'Bearer first-ke' }],
    [{ authorization: 'Bearer first-keyy' }],
    [{ authorization: 'Basic first-key' }],
    [{ authorization: 'first-key' }],
    [{ 'x-api-key': '' }],
    [{ authorization: 'Bearer wrong', 'x-api-key': 'first-key' }],
  ])('refuses %j', (headers) => {
    expect(check(headers)).toThrow(expect.objectContaining({ code: 'unauthorized' }))
  })

  it('asks for nothing when no key is set', () => {
    expect(() =>
      createKeyGuard([]).check(new Headers(), { address: undefined, forwarded: false }),
    ).not.toThrow()
  })

  describe('that lets this machine in', () => {
    const keys = createKeyGuard(['first-key'], false)
    const findCaller = createCallerFinder(LOCAL)
    const local = {
      assertKey: (headers: Headers, address: string | undefined) =>
        keys.check(headers, findCaller(headers, address)),
    }

    it.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])('asks %s for no key', (from) => {
      expect(() => local.assertKey(new Headers(), from)).not.toThrow()
    })

    it.each(['192.168.1.7', '::ffff:192.168.1.7', '172.17.0.1', 'fe80::1%eth0', '', undefined])(
      'asks %j for one',
      (from) => {
        expect(() => local.assertKey(new Headers(), from)).toThrow(/asks for an API key/)
        const headers = new Headers({ 'x-api-key': 'first-key' })
        expect(() => local.assertKey(headers, from)).not.toThrow()
      },
    )

    it.each([
      'x-forwarded-for',
      'forwarded',
      'via',
      'x-real-ip',
      'x-forwarded-proto',
      'X-Forwarded-Anything',
      'cf-connecting-ip',
      'CF-Ray',
      'true-client-ip',
      'cdn-loop',
      'fly-client-ip',
      'x-azure-clientip',
      'x-envoy-external-address',
      'tailscale-user-login',
    ])('asks what came through a proxy of this machine, as %s tells', (header) => {
      const headers = new Headers({ [header]: '192.168.1.7' })
      expect(() => local.assertKey(headers, '127.0.0.1')).toThrow(/asks for an API key/)
    })
  })

  it('does not keep keys as text', () => {
    expect(JSON.stringify(createKeyGuard(['first-key']))).not.toContain('first-key')
  })
})

describe('createCallerFinder', () => {
  const find = (
    settings: Partial<HttpSettings>,
    address: string,
    headers: Record<string, string> = {},
  ) => createCallerFinder({ ...LOCAL, ...settings })(new Headers(headers), address)

  it('believes no header unless it is told whom to trust', () => {
    const headers = { 'x-forwarded-for': '198.51.100.7' }
    expect(find({}, '127.0.0.1', headers)).toEqual({ address: '127.0.0.1', forwarded: true })
    const elsewhere = { trustedProxies: ['10.0.0.0/8'] }
    expect(find(elsewhere, '192.0.2.1', headers).address).toBe('192.0.2.1')
  })

  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['1.2.3.4, 198.51.100.7, 10.0.0.9', '198.51.100.7'],
    ['127.0.0.1, 198.51.100.7:4711', '198.51.100.7'],
    ['"[2001:db8::1]:80", [2001:db8::2]:80', '2001:db8::2'],
    ['198.51.100.7, unknown', '10.1.2.3'],
    ['10.0.0.1, 10.0.0.2', '10.1.2.3'],
    [',,,', '10.1.2.3'],
    ['', '10.1.2.3'],
  ])('takes of %j the nearest that is no proxy of ours: %s', (forwardedFor, address) => {
    const settings = { trustedProxies: ['10.0.0.0/8', '::1'] }
    const headers = { 'x-forwarded-for': forwardedFor }
    expect(find(settings, '::ffff:10.1.2.3', headers).address?.replace('::ffff:', '')).toBe(address)
  })

  it('never takes what a proxy passes on for local', () => {
    const settings = { trustedProxies: ['loopback'] }
    const caller = find(settings, '::1', { 'x-forwarded-for': '127.0.0.1' })
    expect(caller.forwarded).toBe(true)
    expect(() => createKeyGuard(['key'], false).check(new Headers(), caller)).toThrow(/API key/)
  })

  it('looks at the headers that it is told of, and at no others', () => {
    const settings = { forwardedHeaders: ['X-My-Proxy', 'x-edge-*'] }
    expect(find(settings, '::1', { 'x-my-proxy': '1' }).forwarded).toBe(true)
    expect(find(settings, '::1', { 'X-Edge-Region': '1' }).forwarded).toBe(true)
    expect(find(settings, '::1', { via: '1', 'x-my-proxy-2': '1' }).forwarded).toBe(false)
  })

  it.each(['', 'x y', '*x', 'x:', 'ä'])('refuses the header %j', (name) => {
    expect(() => find({ forwardedHeaders: [name] }, '::1')).toThrow(/--forwarded-headers/)
  })

  it.each(['nas.lan', '10.0.0.0/33', '10.0.0.0/0', '10.0.0.0/8/8', '::1/129', '10.0.0', ''])(
    'refuses the proxy %j',
    (proxy) => {
      expect(() => find({ trustedProxies: [proxy] }, '::1')).toThrow(/--trust-proxy/)
    },
  )
})

describe('parseHostPattern', () => {
  it.each([
    ['captions.example.com', 'captions.example.com', 'x.captions.example.com'],
    ['Captions.Example.com:8080', 'captions.example.com', 'example.com'],
    ['*.lan', 'nas.lan', 'lan'],
    ['*.ts.net', 'nas.tail1234.ts.net', 'ts.net.evil.com'],
    ['bücher.example', 'xn--bcher-kva.example', 'bucher.example'],
    ['nas', 'nas', 'nas.lan'],
    ['192.0.2.1', '192.0.2.1', '192.0.2.10'],
  ])('%s matches %s and not %s', (pattern, yes, no) => {
    expect([parseHostPattern(pattern)(yes), parseHostPattern(pattern)(no)]).toEqual([true, false])
  })

  it.each([
    '*',
    'https://nas.lan',
    'nas.lan/',
    'a b',
    '*.',
    '*lan',
    'nas.*',
    '*.*.lan',
    'a..b',
    '.lan',
    '*.192.0.2.1',
    '',
    'nas_lan!',
    `${'a'.repeat(64)}.lan`,
  ])('refuses %j, which can never match', (pattern) => {
    expect(() => parseHostPattern(pattern)).toThrow(
      expect.objectContaining({ code: 'invalid_setting', hint: expect.any(String) }),
    )
  })
})

describe('parseOriginPattern', () => {
  it.each([
    ['https://chat.example.com', 'https://chat.example.com', 'https://chat.example.com:8000'],
    ['HTTPS://Chat.Example.com', 'https://chat.example.com', 'http://chat.example.com'],
    ['https://*.example.com', 'https://a.b.example.com', 'https://example.com'],
    ['https://*.example.com', 'https://a.example.com', 'https://evil.com/.example.com'],
    ['https://*.lan:8443', 'https://nas.lan:8443', 'https://nas.lan'],
    ['http://nas.lan:*', 'http://nas.lan:3000', 'http://nas.lan.evil.com'],
    ['chrome-extension://*', 'chrome-extension://abcdefghijklmnop', 'chrome-extension2://abc'],
    ['moz-extension://*', 'moz-extension://0a1b-2c', 'https://moz-extension'],
    ['chrome-extension://abc', 'chrome-extension://abc', 'chrome-extension://abcd'],
    ['http://[fd00::1]:80'.replace(':80', ':8000'), 'http://[fd00::1]:8000', 'http://[fd00::1]'],
    ['null', 'null', 'https://null'],
    ['*', 'https://anything.example.com', ''],
  ])('%s matches %s and not %s', (pattern, yes, no) => {
    const matches = parseOriginPattern(pattern)
    expect([matches(yes), pattern === '*' ? false : matches(no)]).toEqual([true, false])
  })

  it.each([
    'chat.example.com',
    'https://chat.example.com/',
    'https://chat.example.com/chat',
    'https://',
    'https://chat.example.com:443',
    'http://nas:80',
    'https://a b',
    'https://user@nas.lan',
    'https://*.*.com',
    'https://nas.*',
    'http://nas:port',
    '//nas',
    'https://a..b',
    '',
  ])('refuses %j, which can never match', (pattern) => {
    expect(() => parseOriginPattern(pattern)).toThrow(
      expect.objectContaining({ code: 'invalid_setting', hint: expect.any(String) }),
    )
  })
})
