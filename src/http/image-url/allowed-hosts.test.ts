import { describe, expect, it } from 'vitest'
import { parseImageHosts, reachOf } from './allowed-hosts.ts'

const reach = (entries: readonly string[], url: string) =>
  reachOf(parseImageHosts(entries), new URL(url))

describe('parseImageHosts', () => {
  it.each([
    [['*'], 'https://example.com/a.png', 'public'],
    [['*'], 'http://example.com/a.png', 'public'],
    [['*'], 'http://example.com:8080/a.png', undefined],
    [['*', 'nas.lan'], 'http://nas.lan/', 'listed'],
    [['NAS.lan.'], 'http://nas.LAN./', 'listed'],
    [['nas.lan'], 'https://nas.lan/', 'listed'],
    [['nas.lan'], 'http://nas.lan:8080/', undefined],
    [['nas.lan:8080'], 'http://nas.lan:8080/', 'listed'],
    [['nas.lan:8080'], 'http://nas.lan/', undefined],
    [['nas.lan:80'], 'http://nas.lan/', 'listed'],
    [['nas.lan:80'], 'https://nas.lan/', undefined],
    [['nas.lan', 'nas.lan:8080'], 'http://nas.lan:8080/', 'listed'],
    [['192.168.1.20:8000'], 'http://192.168.1.20:8000/', 'listed'],
    [['[FD00::20]:8000'], 'http://[fd00::20]:8000/', 'listed'],
    [['[fd00::20]'], 'http://[fd00::20]/', 'listed'],
    [['bücher.test'], 'http://xn--bcher-kva.test/', 'listed'],
    [['example.com'], 'http://www.example.com/', undefined],
    [[], 'http://example.com/', undefined],
  ])('reads %j, so that %s is %s', (entries, url, expected) => {
    expect(reach(entries, url)).toBe(expected)
  })

  it.each([
    'http://nas.lan',
    'nas.lan/pictures',
    'nas.lan:http',
    'nas.lan:0',
    'nas.lan:70000',
    'a@b',
    '[::1',
    'fd00::20',
    'a b',
    '*.example.com',
  ])('refuses %j and names it', (entry) => {
    expect(() => parseImageHosts(['*', entry])).toThrow(
      expect.objectContaining({
        code: 'invalid_setting',
        message: expect.stringContaining(`'${entry}'`),
      }),
    )
  })
})
