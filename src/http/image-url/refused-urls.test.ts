// Every way that is known to write an address where images may not come from. No row reaches a socket.
import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { createBodyBudget } from '../body/read-body.ts'
import { parseImageHosts } from './allowed-hosts.ts'
import { createImageFetcher } from './fetch-image.ts'

/** What a resolver in an attacker's hands answers; names that are not here do not exist. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1'],
  'localhost.': ['127.0.0.1'],
  'loopback.evil.test': ['127.0.0.1'],
  'loopback6.evil.test': ['::1'],
  'any.evil.test': ['0.0.0.0'],
  'any6.evil.test': ['::'],
  'metadata.evil.test': ['169.254.169.254'],
  'metadata.google.internal': ['169.254.169.254'],
  'private.evil.test': ['192.168.1.1'],
  'half.evil.test': ['8.8.8.8', '10.0.0.1'],
  'half6.evil.test': ['2606:4700::1111', 'fd00::1'],
  'mapped.evil.test': ['::ffff:127.0.0.1'],
  'compatible.evil.test': ['::7f00:1'],
  'zone.evil.test': ['fe80::1%eth0'],
  'nothing.evil.test': [],
  'garbage.evil.test': ['not an address'],
  router: ['192.168.0.1'],
  'xn--bcher-kva.test': ['10.1.1.1'],
  '127.0.0.1.evil.test': ['127.0.0.1'],
  'ⓔvil.test': ['127.0.0.1'],
  'nas.lan': ['192.168.1.5'],
  'rebound.lan': ['127.0.0.1'],
  'cloud.lan': ['169.254.169.254'],
}

const REFUSED = 'image_address_refused'
const UNUSABLE = 'invalid_image_url'
const NOT_ALLOWED = 'image_url_not_allowed'
const FAILED = 'failed_to_download_image'

/** With `*`. */
const ANY_HOST: readonly (readonly [url: string, code: string])[] = [
  // this machine
  ['http://127.0.0.1/', REFUSED],
  ['https://127.0.0.1/a.png', REFUSED],
  ['http://127.1.2.3/', REFUSED],
  ['http://localhost/', REFUSED],
  ['http://LOCALHOST/', REFUSED],
  ['http://localhost./', REFUSED],
  ['http://loopback.evil.test/', REFUSED],
  ['http://loopback6.evil.test/', REFUSED],
  ['http://127.0.0.1.evil.test/', REFUSED],
  ['http://[::1]/', REFUSED],
  ['http://0.0.0.0/', REFUSED],
  ['http://any.evil.test/', REFUSED],
  ['http://any6.evil.test/', REFUSED],
  ['http://[::]/', REFUSED],
  // other writings of IPv4
  ['http://2130706433/', UNUSABLE],
  ['http://0x7f000001/', UNUSABLE],
  ['http://0x7F.0.0.1/', UNUSABLE],
  ['http://0177.0.0.1/', UNUSABLE],
  ['http://017700000001/', UNUSABLE],
  ['http://0x7f.1/', UNUSABLE],
  ['http://127.1/', UNUSABLE],
  ['http://127.0.1/', UNUSABLE],
  ['http://0/', UNUSABLE],
  ['http://00/', UNUSABLE],
  ['http://127.0.0.01/', UNUSABLE],
  ['http://127.0.0.1./', UNUSABLE],
  ['http://%31%32%37.0.0.1/', UNUSABLE],
  ['http://127%2e0%2e0%2e1/', UNUSABLE],
  ['http://１２７.0.0.1/', UNUSABLE],
  ['http://①②⑦.⓪.⓪.①/', UNUSABLE],
  ['http://127。0。0。1/', UNUSABLE],
  ['http://256.256.256.256/', UNUSABLE],
  ['http://4294967296/', UNUSABLE],
  // 134744072 is public, but only to those who read it as an address
  ['http://134744072/', UNUSABLE],
  // the private network
  ['http://10.0.0.1/', REFUSED],
  ['http://172.16.0.1/', REFUSED],
  ['http://172.31.255.255/', REFUSED],
  ['http://192.168.0.1/', REFUSED],
  ['http://100.64.0.1/', REFUSED],
  ['http://private.evil.test/', REFUSED],
  ['http://router/', REFUSED],
  ['http://[fc00::1]/', REFUSED],
  ['http://[fd12:3456:789a::1]/', REFUSED],
  ['http://half.evil.test/', REFUSED],
  ['http://half6.evil.test/', REFUSED],
  ['http://bücher.test/', REFUSED],
  // link-local, where cloud machines keep their credentials
  ['http://169.254.169.254/latest/meta-data/', REFUSED],
  ['http://metadata.google.internal/', REFUSED],
  ['http://metadata.evil.test/', REFUSED],
  ['http://[fe80::1]/', REFUSED],
  ['http://[fe80::1%25eth0]/', UNUSABLE],
  ['http://[fe80::1%eth0]/', UNUSABLE],
  ['http://zone.evil.test/', REFUSED],
  ['http://[fd00:ec2::254]/', REFUSED],
  // IPv4 inside IPv6
  ['http://[::ffff:127.0.0.1]/', UNUSABLE],
  ['http://[::ffff:7f00:1]/', REFUSED],
  ['http://mapped.evil.test/', REFUSED],
  ['http://[::7f00:1]/', REFUSED],
  ['http://compatible.evil.test/', REFUSED],
  ['http://[64:ff9b::7f00:1]/', REFUSED],
  ['http://[64:ff9b:1::a00:1]/', REFUSED],
  ['http://[2002:7f00:1::]/', REFUSED],
  ['http://[2002:a9fe:a9fe::1]/', REFUSED],
  ['http://[2001::1]/', REFUSED],
  ['http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/', REFUSED],
  ['http://[0:0:0:0:0:0:0:1]/', UNUSABLE],
  // multicast, reserved, documentation, benchmarks
  ['http://224.0.0.1/', REFUSED],
  ['http://239.255.255.250/', REFUSED],
  ['http://240.0.0.1/', REFUSED],
  ['http://255.255.255.255/', REFUSED],
  ['http://0.1.2.3/', REFUSED],
  ['http://192.0.0.1/', REFUSED],
  ['http://192.0.2.1/', REFUSED],
  ['http://192.88.99.1/', REFUSED],
  ['http://198.18.0.1/', REFUSED],
  ['http://198.51.100.1/', REFUSED],
  ['http://203.0.113.1/', REFUSED],
  ['http://[ff02::1]/', REFUSED],
  ['http://[fec0::1]/', REFUSED],
  ['http://[100::1]/', REFUSED],
  ['http://[2001:db8::1]/', REFUSED],
  ['http://[3fff::1]/', REFUSED],
  ['http://[5f00::1]/', REFUSED],
  ['http://[4000::1]/', REFUSED],
  // what two parsers read differently
  ['http://user@8.8.8.8/', UNUSABLE],
  ['http://user:password@8.8.8.8/', UNUSABLE],
  ['http://@8.8.8.8/', UNUSABLE],
  ['http://8.8.8.8@127.0.0.1/', UNUSABLE],
  ['http://8.8.8.8\\@127.0.0.1/', UNUSABLE],
  ['http://8.8.8.8\\.evil.test/', UNUSABLE],
  ['http:\\\\127.0.0.1/', UNUSABLE],
  ['http:/127.0.0.1/', UNUSABLE],
  ['http:127.0.0.1', UNUSABLE],
  ['http:///127.0.0.1/', UNUSABLE],
  ['http://8.8.8.8 .evil.test/', UNUSABLE],
  ['http://8.8.\t8.8/', UNUSABLE],
  ['http://8.8.8.8/\r\nHost: localhost', UNUSABLE],
  ['http://8.8.8.8\u0000.evil.test/', UNUSABLE],
  ['http://', UNUSABLE],
  ['http://.', FAILED],
  ['http://[::1', UNUSABLE],
  ['http://[::1]evil.test/', UNUSABLE],
  ['http://%00/', UNUSABLE],
  [`http://8.8.8.8/${'a'.repeat(9_000)}`, UNUSABLE],
  // ports other than those of the schemes
  ['http://8.8.8.8:22/', NOT_ALLOWED],
  ['http://8.8.8.8:8080/', NOT_ALLOWED],
  ['https://8.8.8.8:80/', NOT_ALLOWED],
  ['http://8.8.8.8:443/', NOT_ALLOWED],
  ['http://8.8.8.8:0/', NOT_ALLOWED],
  ['http://8.8.8.8:99999/', UNUSABLE],
  // names that lead nowhere
  ['http://nothing.evil.test/', FAILED],
  ['http://unknown.evil.test/', FAILED],
  ['http://garbage.evil.test/', REFUSED],
]

/** With `nas.lan, rebound.lan, cloud.lan, 169.254.169.254, 192.168.1.20:8080`. */
const LISTED_HOSTS: readonly (readonly [url: string, code: string])[] = [
  ['http://8.8.8.8/', NOT_ALLOWED],
  ['http://example.test/', NOT_ALLOWED],
  ['http://a.nas.lan/', NOT_ALLOWED],
  ['http://nas.lan.evil.test/', NOT_ALLOWED],
  ['http://nas.lan:8080/', NOT_ALLOWED],
  ['http://192.168.1.20/', NOT_ALLOWED],
  ['http://192.168.1.21:8080/', NOT_ALLOWED],
  ['http://nas.lan@evil.test/', UNUSABLE],
  ['http://localhost/', NOT_ALLOWED],
  // A listed name is trusted to be in the private network, not to be this machine or a cloud's.
  ['http://rebound.lan/', REFUSED],
  ['http://cloud.lan/', REFUSED],
  ['http://169.254.169.254/', REFUSED],
]

const LISTED = ['nas.lan', 'rebound.lan', 'cloud.lan', '169.254.169.254', '192.168.1.20:8080']

async function codeOf(url: string, hosts: readonly string[]): Promise<unknown> {
  const fetchImage = createImageFetcher({
    allowed: parseImageHosts(hosts),
    timeoutMs: 2_000,
    resolve: async (host): Promise<LookupAddress[]> => {
      const addresses = NAMES[host]
      if (addresses === undefined) throw new Error(`ENOTFOUND ${host}`)
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    },
  })
  const hooks = { signal: new AbortController().signal, share: createBodyBudget(1e9).open() }
  return fetchImage(url, 'image', hooks).then(
    () => 'fetched',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )
}

describe('image URLs of every public host', () => {
  it.each(ANY_HOST)('do not fetch %j', async (url, code) => {
    expect(await codeOf(url, ['*'])).toBe(code)
  })
})

describe('image URLs of listed hosts', () => {
  it.each(LISTED_HOSTS)('do not fetch %j', async (url, code) => {
    expect(await codeOf(url, LISTED)).toBe(code)
  })
})
