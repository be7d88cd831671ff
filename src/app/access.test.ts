import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { resolveAccess } from './access.ts'

const settings = (changes = {}) => ({
  listen: true,
  apiKey: [],
  apiKeyFile: '',
  insecureNoAuth: false,
  home: join(temporaryFolder(), 'new'),
  ...changes,
})

describe('resolveAccess', () => {
  it('asks for nothing on this machine only', () => {
    expect(resolveAccess(settings({ listen: false })).apiKeys).toEqual([])
  })

  it('makes a key for the network, which this machine does not need', () => {
    const access = resolveAccess(settings())
    expect(access.madeKey).toMatch(/^flocap-[\w-]{32}$/)
    expect(access).toMatchObject({ apiKeys: [access.madeKey], keysForLoopback: false })
  })

  it('keeps the key for later starts, and gives another home another one', () => {
    const ours = settings()
    expect(resolveAccess(ours)).toEqual(resolveAccess(ours))
    expect(resolveAccess(settings()).madeKey).not.toBe(resolveAccess(ours).madeKey)
  })

  it.skipIf(process.platform === 'win32')('lets nobody else read it', () => {
    const ours = settings()
    const { madeKey } = resolveAccess(ours)
    const file = join(ours.home, 'api-key')
    expect(readFileSync(file, 'utf8').trim()).toBe(madeKey)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    chmodSync(file, 0o644)
    resolveAccess(ours)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('takes the keys that are given instead, from everybody', () => {
    const file = join(temporaryFolder(), 'keys')
    writeFileSync(file, '# for the kitchen\r\nfirst\n\n second \n')
    const access = resolveAccess(settings({ apiKey: ['zeroth'], apiKeyFile: file }))
    expect(access).toEqual({ apiKeys: ['zeroth', 'first', 'second'], keysForLoopback: true })
  })

  it('says what is wrong with a file of keys', () => {
    const file = join(temporaryFolder(), 'keys')
    const resolve = () => resolveAccess(settings({ apiKeyFile: file }))
    expect(resolve).toThrow(/cannot be read/)
    writeFileSync(file, '# nothing\n')
    expect(resolve).toThrow(/has none/)
  })

  it('opens the network to everybody only when told so', () => {
    const access = resolveAccess(settings({ insecureNoAuth: true }))
    expect(access).toMatchObject({ apiKeys: [], unguarded: true })
  })
})
