import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { DEFAULT_HTTP_SETTINGS } from '../settings.ts'
import { assertHostAllowed } from './host.ts'
import { createKeyGuard } from './key.ts'
import { assertOriginAllowed } from './origin.ts'

const LOCAL = DEFAULT_HTTP_SETTINGS
const NETWORK = { ...LOCAL, privateNetwork: true }

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
    'nas.local:5000',
    'host.docker.internal:5000',
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
    '',
  ])('refuses %j', (host) => {
    expect(() => assertHostAllowed(host, LOCAL)).toThrow(
      expect.objectContaining({ code: 'forbidden_host' }),
    )
  })

  it('answers for the service names of a private network only when it listens there', () => {
    expect(() => assertHostAllowed('flocap:5000', NETWORK)).not.toThrow()
    expect(() => assertHostAllowed('evil.com:5000', NETWORK)).toThrow(/host/)
  })

  it('answers for configured names, with any port and in any case', () => {
    const settings = { ...LOCAL, allowedHosts: ['Captions.example.com'] }
    expect(() => assertHostAllowed('captions.EXAMPLE.com:8080', settings)).not.toThrow()
    expect(() => assertHostAllowed('x.captions.example.com', settings)).toThrow(/host/)
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

  it('does not concern requests that no web page sent', () => {
    expect(() => assertOriginAllowed(undefined, HOST, LOCAL)).not.toThrow()
  })
})

describe('createKeyGuard', () => {
  const guard = createKeyGuard(['first-key', 'second key'])
  const check = (headers: Record<string, string>) => () =>
    guard.assertKey(new Headers(headers), '127.0.0.1')

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
    expect(() => createKeyGuard([]).assertKey(new Headers(), undefined)).not.toThrow()
  })

  describe('that lets this machine in', () => {
    const local = createKeyGuard(['first-key'], false)

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

    it.each(['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])(
      'asks what came through a proxy of this machine, as %s tells',
      (header) => {
        const headers = new Headers({ [header]: '192.168.1.7' })
        expect(() => local.assertKey(headers, '127.0.0.1')).toThrow(/asks for an API key/)
      },
    )
  })

  it('does not keep keys as text', () => {
    expect(JSON.stringify(createKeyGuard(['first-key']))).not.toContain('first-key')
  })
})
