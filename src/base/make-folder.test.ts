import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HAS_SMALL_DISKS, mountSmallDisk } from '../../test/support/small-disk.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { makeFolder } from './make-folder.ts'

describe('makeFolder', () => {
  it('makes a folder with its parents, and leaves one that is there', async () => {
    const folder = join(temporaryFolder(), 'a', 'b', 'c')
    await makeFolder(folder)
    await makeFolder(folder)
    expect(existsSync(folder)).toBe(true)
  })

  it('fails where a file is in the way', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    await expect(makeFolder(join(file, 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  it.skipIf(!HAS_SMALL_DISKS)('says what the disk says (as root)', async () => {
    const disk = mountSmallDisk('size=1m,nr_inodes=2')
    if (!disk) throw new Error('no disk')
    try {
      await expect(makeFolder(join(disk.path, 'a', 'b'))).rejects.toMatchObject({ code: 'ENOSPC' })
      disk.remount('ro')
      await expect(makeFolder(join(disk.path, 'c', 'd'))).rejects.toMatchObject({ code: 'EROFS' })
    } finally {
      disk.remove()
    }
  })
})
