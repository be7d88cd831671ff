import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { nodeFileSystem } from './disk.ts'
import { ContentHash } from './hashing.ts'
import { PartFile, removeParts } from './part-file.ts'

const CONTENT = 'abcdef0123456789abcdef'
const WHOLE = Buffer.from('the whole content')

function open(folder: string, content = CONTENT): Promise<PartFile> {
  return PartFile.open({
    folder,
    file: 'x.bin',
    size: WHOLE.length,
    content,
    fileSystem: nodeFileSystem,
  })
}

function digestOfWhole(): unknown {
  const hash = new ContentHash(WHOLE.length)
  hash.update(WHOLE)
  return hash.digest()
}

describe('PartFile', () => {
  it('is written from front to back and hashed on the way', async () => {
    const part = await open(temporaryFolder())
    await part.append(WHOLE.subarray(0, 5))
    await part.append(WHOLE.subarray(5))
    expect(part.size).toBe(WHOLE.length)
    expect(part.digest()).toEqual(digestOfWhole())
    await part.close()
    expect(await readFile(part.path)).toEqual(WHOLE)
  })

  it('goes on where an earlier one ended, under another name', async () => {
    const folder = temporaryFolder()
    const first = await open(folder)
    await first.append(WHOLE.subarray(0, 9))
    await first.close()
    const second = await open(folder)
    expect(second.size).toBe(9)
    expect(second.path).not.toBe(first.path)
    await second.append(WHOLE.subarray(9))
    expect(second.digest()).toEqual(digestOfWhole())
    await second.close()
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('goes on where what is left really ends, should the disk say more', async () => {
    const folder = temporaryFolder()
    await writeFile(join(folder, `x.bin.${CONTENT.slice(0, 16)}.1-a.part`), WHOLE.subarray(0, 6))
    const part = await PartFile.open({
      folder,
      file: 'x.bin',
      size: WHOLE.length,
      content: CONTENT,
      fileSystem: {
        ...nodeFileSystem,
        async open(path, flags) {
          const handle = await nodeFileSystem.open(path, flags)
          const found = await handle.stat()
          return Object.assign(handle, {
            stat: async () => Object.assign(found, { size: WHOLE.length }),
          })
        },
      },
    })
    expect(part.size).toBe(6)
    await part.append(WHOLE.subarray(6))
    expect(part.digest()).toEqual(digestOfWhole())
    await part.close()
  })

  it('goes on with the longest of several', async () => {
    const folder = temporaryFolder()
    await writeFile(join(folder, `x.bin.${CONTENT.slice(0, 16)}.1-a.part`), WHOLE.subarray(0, 3))
    await writeFile(join(folder, `x.bin.${CONTENT.slice(0, 16)}.2-b.part`), WHOLE.subarray(0, 8))
    const part = await open(folder)
    expect(part.size).toBe(8)
    await part.close()
  })

  it('never goes on with a part of another content or another file', async () => {
    const folder = temporaryFolder()
    await writeFile(join(folder, 'x.bin.0000000000000000.1-a.part'), 'other')
    await writeFile(join(folder, `xx.bin.${CONTENT.slice(0, 16)}.1-a.part`), 'other')
    const part = await open(folder)
    expect(part.size).toBe(0)
    await part.close()
  })

  it('begins anew when what is there is longer than the file', async () => {
    const folder = temporaryFolder()
    await writeFile(join(folder, `x.bin.${CONTENT.slice(0, 16)}.1-a.part`), Buffer.alloc(100))
    const part = await open(folder)
    expect(part.size).toBe(0)
    await part.append(WHOLE)
    await part.close()
    expect(await readFile(part.path)).toEqual(WHOLE)
  })

  it('can be thrown away and begun anew', async () => {
    const part = await open(temporaryFolder())
    await part.append(Buffer.from('something wrong'))
    await part.restart()
    await part.append(WHOLE)
    expect(part.digest()).toEqual(digestOfWhole())
    await part.close()
  })

  it('belongs to one of two that open it at once', async () => {
    const folder = temporaryFolder()
    await writeFile(join(folder, `x.bin.${CONTENT.slice(0, 16)}.1-a.part`), WHOLE.subarray(0, 4))
    const parts = await Promise.all([open(folder), open(folder)])
    expect(parts.map((part) => part.size).toSorted((a, b) => a - b)).toEqual([0, 4])
    expect(new Set(parts.map((part) => part.path)).size).toBe(2)
    for (const part of parts) await part.close()
    await removeParts(folder)
    expect(await readdir(folder)).toEqual([])
  })
})
