import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HAS_FIFOS, makeFifo } from '../../../test/support/make-fifo.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { findPictures, readPicture } from './picture-files.ts'

function createAlbum(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'inner', 'empty'), { recursive: true })
  mkdirSync(join(folder, '.thumbnails'))
  mkdirSync(join(folder, 'not-a-picture.png'))
  for (const file of ['b.jpg', 'a.PNG', 'notes.txt', '.hidden.jpg', 'inner/c.webp']) {
    writeFileSync(join(folder, file), '')
  }
  writeFileSync(join(folder, '.thumbnails', 'd.jpg'), '')
  return folder
}

describe('findPictures', () => {
  it('takes a file by any name, and what does not exist for the reading to explain', async () => {
    const folder = createAlbum()
    for (const path of [join(folder, 'notes.txt'), join(folder, 'gone.jpg'), '-']) {
      expect(await findPictures(path, { recursive: false })).toEqual([path])
    }
  })

  it('finds the pictures of a folder by name', async () => {
    const folder = createAlbum()
    expect(await findPictures(folder, { recursive: false })).toEqual([
      join(folder, 'a.PNG'),
      join(folder, 'b.jpg'),
    ])
  })

  it('goes into folders when told, and not for ever', async () => {
    const folder = createAlbum()
    symlinkSync(folder, join(folder, 'inner', 'loop'))
    symlinkSync(folder, join(folder, 'inner', 'loop.png'))
    symlinkSync(join(folder, 'b.jpg'), join(folder, 'inner', 'link.jpg'))
    expect(await findPictures(folder, { recursive: true })).toEqual([
      join(folder, 'a.PNG'),
      join(folder, 'b.jpg'),
      join(folder, 'inner', 'c.webp'),
      join(folder, 'inner', 'link.jpg'),
    ])
  })

  it('says that there are none', async () => {
    const folder = createAlbum()
    await expect(
      findPictures(join(folder, 'inner', 'empty'), { recursive: false }),
    ).rejects.toMatchObject({ code: 'missing_image', hint: expect.stringContaining('--recursive') })
  })
})

describe('readPicture', () => {
  it.runIf(HAS_FIFOS)('refuses a FIFO and a device instead of waiting', async () => {
    const fifo = join(temporaryFolder(), 'photo.jpg')
    makeFifo(fifo)
    for (const [file, kind] of [
      [fifo, 'a FIFO'],
      ['/dev/zero', 'a device'],
    ] as const) {
      await expect(readPicture(file)).rejects.toMatchObject({
        code: 'missing_image',
        subject: file,
        message: expect.stringContaining(kind),
      })
    }
  })
})
