import { describe, expect, it } from 'vitest'
import { NO_PROXIES, proxyFor } from './proxies.ts'

const BOTH = { httpsProxy: 'http://secure:1', httpProxy: 'http://plain:2', noProxy: '' }

const hostFor = (address: string, settings: Partial<typeof BOTH>) =>
  proxyFor(new URL(address), { ...NO_PROXIES, ...settings })?.url.host

describe('proxyFor', () => {
  it.each([
    ['https://a.test/', BOTH, 'secure:1'],
    ['http://a.test/', BOTH, 'plain:2'],
    ['https://a.test/', { ...BOTH, httpsProxy: '' }, 'plain:2'],
    ['http://a.test/', { ...BOTH, httpProxy: '' }, undefined],
    ['https://a.test/', NO_PROXIES, undefined],
  ])('takes %s by the scheme through the right proxy (%j)', (address, settings, expected) => {
    expect(hostFor(address, settings)).toBe(expected)
  })

  it('names the setting that decided', () => {
    const settingFor = (settings: typeof BOTH) =>
      proxyFor(new URL('https://a.test/'), settings)?.setting
    expect(settingFor(BOTH)).toBe('HTTPS_PROXY')
    expect(settingFor({ ...BOTH, httpsProxy: '' })).toBe('HTTP_PROXY')
  })

  it.each([
    ['*', 'http://a.test/'],
    ['b.test,*', 'http://a.test/'],
    ['a.test', 'http://a.test/'],
    ['A.TEST', 'http://a.test/'],
    ['a.test.', 'http://a.test/'],
    ['a.test', 'http://a.test./'],
    ['a.test', 'http://b.a.test/'],
    ['.a.test', 'http://b.a.test/'],
    ['.a.test', 'http://a.test/'],
    ['*.a.test', 'http://b.a.test/'],
    ['b.test, a.test', 'http://a.test/'],
    ['b.test a.test', 'http://a.test/'],
    ['a.test:8080', 'http://a.test:8080/'],
    ['a.test:80', 'http://a.test/'],
    ['a.test:443', 'https://a.test/'],
    ['10.1.2.3', 'http://10.1.2.3/'],
    ['10.0.0.0/8', 'http://10.1.2.3/'],
    ['10.1.2.3/32', 'http://10.1.2.3:81/'],
    ['::1', 'http://[::1]/'],
    ['[::1]', 'http://[::1]/'],
    ['[::1]:8080', 'http://[::1]:8080/'],
    ['FD00:0:0::20', 'http://[fd00::20]/'],
    ['fd00::/8', 'http://[fd12::1]/'],
  ])('exempts by %j what %s names', (noProxy, address) => {
    expect(hostFor(address, { ...BOTH, noProxy })).toBeUndefined()
  })

  it.each([
    ['', 'http://a.test/'],
    [' , ', 'http://a.test/'],
    ['a.test', 'http://xa.test/'],
    ['a.test', 'http://a.test.evil/'],
    ['a.test:8080', 'http://a.test/'],
    ['a.test:80', 'https://a.test/'],
    ['10.0.0.0/8', 'http://11.0.0.1/'],
    ['10.0.0.0/8', 'http://a.test/'],
    ['10.0.0.0/99', 'http://10.0.0.1/'],
    ['0.1', 'http://10.0.0.1/'],
    ['fd00::/8', 'http://[2001:db8::1]/'],
    ['[::1]:8080', 'http://[::1]/'],
    ['::2', 'http://[::1]/'],
  ])('does not exempt by %j what %s names', (noProxy, address) => {
    expect(hostFor(address, { ...BOTH, noProxy })).toBeDefined()
  })
})
