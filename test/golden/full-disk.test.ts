// Compiling onto a disk that has no room, fills up, or takes no writes.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { HAS_SMALL_DISKS, mountSmallDisk, type SmallDisk } from '../support/small-disk.ts'

const MODEL = fileURLToPath(new URL('../../models/flocap-demo/', import.meta.url))
/** The bundled model in float32, and the reserve. */
const ENOUGH = 'size=200m'

let disk: SmallDisk | undefined
afterEach(() => {
  disk?.remove()
  disk = undefined
})

function mounted(options: string): SmallDisk {
  disk = mountSmallDisk(options)
  if (!disk) throw new Error('no disk')
  return disk
}

const compile = async (folder: string): ReturnType<typeof compileModel> =>
  compileModel(MODEL, join(folder, 'compiled', 'fp32'), { log: silentLogger })

describe.skipIf(!HAS_SMALL_DISKS)('compiling (as root, on disks made of memory)', () => {
  it('says before it begins that there is no room, where, and how much it needs', async () => {
    const { path } = mounted('size=20m')
    await expect(compile(path)).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringMatching(
        /^Compiling the model needs 53\.\d MB .* 21\.0 MB are free\.$/,
      ),
      subject: join(path, 'compiled'),
      hint: expect.stringContaining(path),
    })
    expect(readdirSync(join(path, 'compiled'))).toEqual([])
  })

  it('says the same of a disk that fills up meanwhile, and leaves nothing on it', async () => {
    // Blocks are free, and files cannot be made any more: the check beforehand does not see it.
    const { path } = mounted(`${ENOUGH},nr_inodes=6`)
    await expect(compile(path)).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringMatching(/the disk is full \(ENOSPC\)\. It needs 53\.\d MB\.$/),
      hint: expect.stringContaining(join(path, 'compiled')),
    })
    expect(readdirSync(join(path, 'compiled'))).toEqual([])
  })

  it('names a disk that takes no writes, and uses what is compiled there already', async () => {
    const small = mounted(ENOUGH)
    const { fingerprint } = await compile(small.path)
    small.remount('ro')
    expect((await compile(small.path)).fingerprint).toBe(fingerprint)
    const other = compileModel(MODEL, join(small.path, 'other', 'fp32'), { log: silentLogger })
    await expect(other).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringContaining('read-only (EROFS)'),
    })
    small.remount('rw')
  })
})
