import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { HAS_SMALL_DISKS, mountSmallDisk } from '../../../test/support/small-disk.ts'
import { writeTarFile } from './tar-file.ts'

it.skipIf(!HAS_SMALL_DISKS)('names a full disk, whichever member it is full at', async () => {
  const disk = mountSmallDisk('size=256k')!
  const member = Buffer.alloc(20_000)
  try {
    for (let round = 0; round < 10; round += 1) {
      const written = writeTarFile(
        join(disk.path, 'a.tar'),
        async (add) => {
          for (let index = 0; index < 100; index += 1) {
            await add(`${index}.png`, member)
            // Members of a shard are read between.
            if (index % 2 === round % 2) await nextTurn()
          }
        },
        async () => undefined,
      )
      await expect(written).rejects.toMatchObject({ code: 'disk_full' })
    }
    // What streams say later must not end the process.
    await nextTurn()
  } finally {
    disk.remove()
  }
})
