import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HAS_FIFOS, makeFifo } from '../../../test/support/make-fifo.ts'
import { samplePath } from '../../../test/support/samples.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { writeTar } from '../../../test/support/tar-writer.ts'
import { writeZip } from '../../../test/support/zip-writer.ts'
import { recognisePicture } from '../../app/picture-kind.ts'
import { findPictures, type FoundPictures } from './find-pictures.ts'

const PNG = readFileSync(samplePath('scene-00.png'))
const HEIC_START = Buffer.from('\0\0\0\u0018ftypjxs \0\0\0\0jxs mif2', 'latin1')

function createAlbum(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'inner', 'empty'), { recursive: true })
  mkdirSync(join(folder, '.thumbnails'))
  mkdirSync(join(folder, 'folder-called.png'))
  for (const file of ['b.jpg', 'a.PNG', '.hidden.jpg', 'inner/c.webp', '.thumbnails/d.jpg']) {
    copyFileSync(samplePath('scene-00.png'), join(folder, file))
  }
  writeFileSync(join(folder, 'notes.txt'), 'mine')
  return folder
}

async function find(
  paths: string | readonly string[],
  options: { readonly recursive?: boolean; readonly out?: string } = {},
): Promise<FoundPictures> {
  const found = await findPictures([paths].flat(), {
    recursive: false,
    recognise: recognisePicture,
    ...options,
  })
  await found.close()
  return found
}

const labels = ({ pictures }: FoundPictures): readonly string[] =>
  pictures.map(({ label }) => label)

describe('findPictures', () => {
  it('takes a file by any name, and says at once that one is missing', async () => {
    const folder = createAlbum()
    const found = await find([join(folder, 'notes.txt'), join(folder, 'gone.jpg'), '-'])
    expect(labels(found)).toEqual([join(folder, 'notes.txt'), '-'])
    expect(found.failures).toMatchObject([
      { label: join(folder, 'gone.jpg'), error: { message: 'There is no such file.' } },
    ])
  })

  it.runIf(HAS_FIFOS)('refuses a FIFO and a device instead of waiting', async () => {
    const fifo = join(temporaryFolder(), 'photo.jpg')
    makeFifo(fifo)
    const { failures } = await find([fifo, '/dev/zero'])
    expect(failures.map(({ error }) => error.message)).toEqual([
      'Expected a picture file, got a FIFO.',
      'Expected a picture file, got a device.',
    ])
  })

  it('finds the pictures of a folder by name', async () => {
    const folder = createAlbum()
    expect(labels(await find(folder))).toEqual([join(folder, 'a.PNG'), join(folder, 'b.jpg')])
  })

  it('goes into folders when told, follows links to folders once, and names the others', async () => {
    const folder = createAlbum()
    const elsewhere = createAlbum()
    symlinkSync(folder, join(folder, 'inner', 'loop'))
    symlinkSync(join(elsewhere, 'inner'), join(folder, 'inner', 'more'))
    symlinkSync(join(elsewhere, 'inner'), join(folder, 'inner', 'again'))
    symlinkSync(join(folder, 'b.jpg'), join(folder, 'inner', 'link.jpg'))
    const found = await find(folder, { recursive: true })
    expect(found.pictures.map(({ name }) => name)).toEqual([
      'a.PNG',
      'b.jpg',
      'inner/again/c.webp',
      'inner/c.webp',
      'inner/link.jpg',
    ])
    expect(found.leftOut.map(({ label }) => basename(label))).toEqual(['loop', 'more'])
  })

  it('names links that lead nowhere, pipes, and members whose names are repeated', async () => {
    const folder = createAlbum()
    symlinkSync('/nowhere', join(folder, 'dead.png'))
    symlinkSync('itself', join(folder, 'itself'))
    if (HAS_FIFOS) makeFifo(join(folder, 'pipe.png'))
    const { leftOut } = await find(folder)
    expect(leftOut.map(({ label, kind }) => [basename(label), kind])).toEqual(
      ['dead.png', 'itself', ...(HAS_FIFOS ? ['pipe.png'] : [])].map((name) => [name, 'no file']),
    )
    const zip = join(folder, 'twice.zip')
    const member = { name: 'a.png', data: PNG }
    writeFileSync(zip, writeZip([member, member]).bytes)
    const twice = await find(zip)
    expect(twice.pictures.map(({ name }) => name)).toEqual(['a.png'])
    expect(twice.leftOut).toMatchObject([{ label: `${zip}/a.png`, kind: 'repeated name' }])
  })

  it('lets the bytes decide, and names what is left out', async () => {
    const folder = temporaryFolder()
    for (const file of ['no-ending', 'wrong.dat', 'photo.jpg'])
      writeFileSync(join(folder, file), PNG)
    writeFileSync(join(folder, 'damaged.jpg'), 'not a picture')
    writeFileSync(join(folder, 'empty.png'), '')
    writeFileSync(join(folder, 'raw.NEF'), 'II*\0')
    writeFileSync(join(folder, 'paper.pdf'), '%PDF-1.7')
    writeFileSync(join(folder, 'clip.mp4'), HEIC_START)
    writeFileSync(join(folder, 'x-masklabel.png'), PNG)
    writeFileSync(join(folder, 'x-condlabel.png'), PNG)
    for (const file of ['a.txt', 'a.caption', 'a.json', 'Thumbs.db']) {
      writeFileSync(join(folder, file), 'text')
    }
    const { pictures, leftOut } = await find(folder)
    expect(pictures.map(({ name }) => name)).toEqual([
      'damaged.jpg',
      'empty.png',
      'no-ending',
      'photo.jpg',
      'wrong.dat',
    ])
    expect(leftOut.map(({ kind }) => kind)).toEqual(['.mp4', '.pdf', '.nef'])
  })

  it('expands patterns itself, and takes an existing file by its name', async () => {
    const folder = createAlbum()
    writeFileSync(join(folder, 'photo[1].jpg'), PNG)
    const found = await find(join(folder, '**', '*.{jpg,webp}'))
    expect(found.pictures.map(({ name }) => name)).toEqual([
      'b.jpg',
      'inner/c.webp',
      'photo[1].jpg',
    ])
    expect(labels(await find(join(folder, 'photo[1].jpg')))).toHaveLength(1)
    expect((await find(join(folder, '*.tiff'))).failures).toHaveLength(1)
  })

  it('takes a picture once that two arguments name', async () => {
    const folder = createAlbum()
    expect(labels(await find([folder, join(folder, 'b.jpg'), join(folder, '*.jpg')]))).toEqual([
      join(folder, 'a.PNG'),
      join(folder, 'b.jpg'),
    ])
  })

  it('reads members of a zip file, and none whose name leads out of it', async () => {
    const folder = temporaryFolder()
    const zip = join(folder, 'photos.zip')
    writeFileSync(
      zip,
      writeZip([
        { name: 'a.png', data: PNG },
        { name: 'in/b', data: PNG },
        { name: '__MACOSX/._a.png', data: PNG },
        { name: 'notes.md', data: Buffer.from('text') },
      ]).bytes,
    )
    const found = await findPictures([zip], { recursive: false, recognise: recognisePicture })
    expect(found.pictures.map(({ name, output }) => [name, output])).toEqual([
      ['a.png', join(folder, 'photos.captions')],
      ['in/b', join(folder, 'photos.captions')],
    ])
    expect(Buffer.from((await found.pictures[1]?.read()) ?? [])).toEqual(PNG)
    expect(found.leftOut).toMatchObject([{ kind: '.md' }])
    await found.close()
  })

  it('reads members of a tar file where they lie', async () => {
    const folder = temporaryFolder()
    const tar = join(folder, '00000.tar')
    await writeTar(tar, { 'a.b.png': PNG, 'a.txt': Buffer.from('old'), '../out.png': PNG })
    const found = await findPictures([tar], {
      recursive: false,
      recognise: recognisePicture,
      out: join(folder, 'out'),
    })
    expect(found.pictures.map(({ name, output }) => [name, output])).toEqual([
      ['00000/a.b.png', join(folder, 'out')],
    ])
    expect(Buffer.from((await found.pictures[0]?.read()) ?? [])).toEqual(PNG)
    expect(found.leftOut).toMatchObject([{ kind: 'unsafe name' }])
    await found.close()
  })

  it('takes the shards of an img2dataset folder, whatever lies beside them', async () => {
    const folder = temporaryFolder()
    await writeTar(join(folder, '00000.tar'), { '000000000.jpg': PNG })
    writeFileSync(join(folder, '00000_stats.json'), '{}')
    await writeTar(join(folder, 'other.tar'), { 'x.jpg': PNG })
    writeFileSync(join(folder, 'preview.png'), PNG)
    const found = await find(folder)
    expect(found.pictures.map(({ name }) => name)).toEqual(['preview.png', '000000000.jpg'])
    expect(found.leftOut).toEqual([
      {
        label: join(folder, 'other.tar'),
        kind: 'archive beside pictures',
        reason: 'to caption what is in it, name it or write "*.tar"',
      },
    ])
  })

  it.each(['bad.zip', 'bad.tar'])('says that %s is damaged', async (name) => {
    const file = join(temporaryFolder(), name)
    writeFileSync(file, Buffer.alloc(2_000, 1))
    const { failures } = await find(file)
    expect(failures).toMatchObject([{ error: { message: expect.stringContaining('damaged') } }])
  })
})
