import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { ContentHash, hashFile, isExpected } from './hashing.ts'

// `printf 'hello\n' | sha256sum` and `printf 'hello\n' | git hash-object --stdin`
const HELLO = {
  sha256: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
  gitSha1: 'ce013625030ba8dba906f756967f9e9ca394464a',
}

describe('ContentHash', () => {
  it('gives what sha256sum and git hash-object give, however the bytes arrive', () => {
    const hash = new ContentHash(6)
    for (const byte of Buffer.from('hello\n')) hash.update(Uint8Array.of(byte))
    expect(hash.digest()).toEqual(HELLO)
  })
})

describe('hashFile', () => {
  it('reads a file and tells how far it is', async () => {
    const path = join(temporaryFolder(), 'hello')
    await writeFile(path, 'hello\n')
    let read = 0
    const digest = await hashFile(path, 6, { onBytes: (bytes) => (read += bytes) })
    expect(digest).toEqual(HELLO)
    expect(read).toBe(6)
  })
})

describe('isExpected', () => {
  it.each([
    [{}, true],
    [HELLO, true],
    [{ sha256StartsWith: '5891b5b5' }, true],
    [{ sha256: '0'.repeat(64) }, false],
    [{ gitSha1: '0'.repeat(40) }, false],
    [{ sha256StartsWith: '5891b5b6' }, false],
    [{ sha256StartsWith: HELLO.sha256.slice(1, 9) }, false],
    [{ sha256: HELLO.sha256, gitSha1: '0'.repeat(40) }, false],
  ])('with %j is %s', (expected, result) => {
    expect(isExpected(HELLO, expected)).toBe(result)
  })
})
