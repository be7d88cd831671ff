import { describe, expect, it } from 'vitest'
import { isAddressAllowed } from './address.ts'

const PUBLIC = { listed: false, loopback: false }

describe('isAddressAllowed', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])(
    'lets through the public address %s',
    (address) => {
      expect(isAddressAllowed(address, PUBLIC)).toBe(true)
    },
  )

  it.each(['10.0.0.1', '192.168.1.5', '172.20.0.3', '100.100.1.1', 'fd00::20'])(
    'lets %s through only for a listed host',
    (address) => {
      expect(isAddressAllowed(address, PUBLIC)).toBe(false)
      expect(isAddressAllowed(address, { listed: true, loopback: false })).toBe(true)
    },
  )

  it.each(['127.0.0.1', '::1'])('lets %s through only for this machine by name', (address) => {
    expect(isAddressAllowed(address, { listed: true, loopback: false })).toBe(false)
    expect(isAddressAllowed(address, { listed: true, loopback: true })).toBe(true)
  })

  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '168.63.129.16',
    '100.100.100.200',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd00:0ec2:0::253',
    'fd20:ce::254',
    'fd00:42::42',
    'fe80::1',
    'fe80::1%eth0',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    'ff02::1',
    '',
  ])('never lets %j through', (address) => {
    expect(isAddressAllowed(address, { listed: true, loopback: true })).toBe(false)
  })
})
