import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { assertFreeSpace, measureFolder, nodeFileSystem, type StoreFileSystem } from './disk.ts'

const MEBIBYTE = 1024 * 1024

function withFree(free: number | undefined): StoreFileSystem {
  return { ...nodeFileSystem, freeBytes: () => Promise.resolve(free) }
}

describe('assertFreeSpace', () => {
  it('wants the bytes and a reserve', async () => {
    await assertFreeSpace(withFree(65 * MEBIBYTE), '/x', MEBIBYTE)
    const error = await caughtError(() =>
      assertFreeSpace(withFree(65 * MEBIBYTE - 1), '/x', MEBIBYTE),
    )
    expect(error.message).toContain('1.05 MB')
    expect(error.hint).toContain('/x')
  })

  it('lets pass what a disk does not tell', async () => {
    await expect(assertFreeSpace(withFree(undefined), '/x', 1e15)).resolves.toBeUndefined()
  })

  it('sees the disk of this machine', async () => {
    expect(await nodeFileSystem.freeBytes(temporaryFolder())).toBeGreaterThan(0)
    expect(await nodeFileSystem.freeBytes('/no/such/folder')).toBeUndefined()
  })
})

describe('measureFolder', () => {
  it('adds up all files below', async () => {
    const folder = temporaryFolder()
    await mkdir(join(folder, 'a/b'), { recursive: true })
    await writeFile(join(folder, 'a/b/c'), '12345')
    await writeFile(join(folder, 'd'), '123')
    expect(await measureFolder(folder)).toBe(8)
    expect(await measureFolder(join(folder, 'absent'))).toBe(0)
  })
})
