import { describe, expect, it } from 'vitest'
import { type Flags, resolveSettings } from '../config/settings.ts'
import { toHttpSettings } from './http-settings.ts'

const httpSettings = (flags: Flags, environment: Record<string, string> = {}) =>
  toHttpSettings(resolveSettings(flags, environment), { apiKeys: [], keysForLoopback: true })

describe('toHttpSettings', () => {
  it('fetches no images unless it is told to', () => {
    expect(httpSettings({}).imageHosts).toEqual({ any: false, listed: new Map() })
    expect(httpSettings({ allowImageUrls: 'false' }).imageHosts.any).toBe(false)
  })

  it('fetches from every public host when the flag stands alone', () => {
    expect(httpSettings({ allowImageUrls: true }).imageHosts.any).toBe(true)
    expect(httpSettings({}, { FLOCAP_ALLOW_IMAGE_URLS: '1' }).imageHosts.any).toBe(true)
  })

  it('fetches from the hosts that are listed', () => {
    const { any, listed } = httpSettings({
      allowImageUrls: 'nas.lan:8080, pictures.lan',
    }).imageHosts
    expect([any, ...listed.keys()]).toEqual([false, 'nas.lan', 'pictures.lan'])
  })

  it.each([
    [{ allowImageUrls: 'http://nas.lan' }, /'http:\/\/nas.lan', which is no host/],
    [{ allowImageUrls: true, offline: true }, /--offline forbids every fetch/],
    [{ task: 'paint' }, /^--task/],
    [{ allowedHosts: 'https://nas.lan' }, /--allowed-hosts, got 'https:\/\/nas.lan'/],
    [{ allowedOrigins: 'https://nas.lan/' }, /--allowed-origins, got/],
    [{ trustProxy: 'nas.lan' }, /--trust-proxy, got 'nas.lan'/],
    [{ forwardedHeaders: 'x y' }, /--forwarded-headers, got 'x y'/],
  ] as const)('refuses %j', (flags, message) => {
    expect(() => httpSettings(flags)).toThrow(
      expect.objectContaining({
        code: 'invalid_setting',
        message: expect.stringMatching(message),
      }),
    )
  })
})
