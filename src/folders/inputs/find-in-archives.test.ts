// Archives that a folder or a pattern brings: which are read, where their captions go, and what each
// option does about them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { writeTar } from '../../../test/support/tar-writer.ts'
import { writeZip } from '../../../test/support/zip-writer.ts'
import { findPictures, findPicturesAmong, type FoundPictures } from './find-pictures.ts'
import type { FindOptions } from './findings.ts'

const PICTURE = Buffer.from('picture')
const ANYTHING: FindOptions = {
  recursive: false,
  recognise: (start) => ({ format: 'png', readable: PICTURE.equals(start.subarray(0, 7)) }),
}

async function putTar(path: string, ...members: readonly string[]): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  await writeTar(path, Object.fromEntries(members.map((name) => [name, PICTURE])))
}

function putZip(path: string, ...members: readonly string[]): void {
  writeFileSync(path, writeZip(members.map((name) => ({ name, data: PICTURE }))).bytes)
}

async function find(
  paths: string | readonly string[],
  options: Partial<FindOptions> = {},
): Promise<FoundPictures> {
  const found = await findPictures([paths].flat(), { ...ANYTHING, ...options })
  await found.close()
  return found
}

const places = ({ pictures }: FoundPictures): readonly string[] =>
  pictures.map(({ output, name }) => join(output, name))
const names = ({ pictures }: FoundPictures): readonly string[] => pictures.map(({ name }) => name)
const leftOut = (found: FoundPictures): readonly string[] =>
  found.leftOut.map(({ label, kind }) => `${label}: ${kind}`)

/** Two shards and a zip file, as a download leaves them. */
async function createShards(): Promise<string> {
  const folder = temporaryFolder()
  await putTar(join(folder, '00000.tar'), '000.png', '001.png')
  await putTar(join(folder, '00001.tar'), '000.png', '001.png')
  putZip(join(folder, 'more.zip'), 'a.png')
  writeFileSync(join(folder, 'README.txt'), 'from the hub')
  return folder
}

describe('a folder', () => {
  it('without pictures is read for its archives, each with captions beside it', async () => {
    const folder = await createShards()
    const found = await find(folder)
    expect(places(found)).toEqual([
      join(folder, '00000.captions', '000.png'),
      join(folder, '00000.captions', '001.png'),
      join(folder, '00001.captions', '000.png'),
      join(folder, '00001.captions', '001.png'),
      join(folder, 'more.captions', 'a.png'),
    ])
    expect(found).toMatchObject({ leftOut: [], failures: [] })
  })

  it('with pictures is read for these, and its archives are named', async () => {
    const folder = await createShards()
    writeFileSync(join(folder, 'photo.png'), PICTURE)
    const found = await find(folder)
    expect(places(found)).toEqual([join(folder, 'photo.png')])
    expect(leftOut(found)).toEqual(
      ['00000.tar', '00001.tar', 'more.zip'].map(
        (name) => `${join(folder, name)}: archive beside pictures`,
      ),
    )
  })

  it('is judged by itself among folders, and archives of one name keep apart', async () => {
    const folder = temporaryFolder()
    await putTar(join(folder, 'train', '00000.tar'), '0.png')
    await putTar(join(folder, 'test', '00000.tar'), '0.png')
    await putTar(join(folder, 'photos', 'backup.tar'), '0.png')
    writeFileSync(join(folder, 'photos', 'photo.png'), PICTURE)
    const out = join(folder, 'out')
    const found = await find(folder, { recursive: true, out })
    expect(names(found)).toEqual(['photos/photo.png', 'test/00000/0.png', 'train/00000/0.png'])
    expect(leftOut(found)).toEqual([
      `${join(folder, 'photos', 'backup.tar')}: archive beside pictures`,
    ])
  })

  it('is not read for what FloCap has written into it', async () => {
    const folder = await createShards()
    await putTar(join(folder, '00000.captions', '00000.tar'), '000.png', '001.png')
    await putTar(join(folder, 'out', '00000.tar'), '000.png', '001.png')
    const found = await find(folder, { recursive: true, out: join(folder, 'out') })
    expect(found.pictures).toHaveLength(5)
    expect(found.leftOut.map(({ reason }) => reason)).toEqual([
      'written by FloCap',
      'written by FloCap',
    ])
    // Where everything is written into the folder itself, that does not make it all FloCap's.
    expect((await find(folder, { out: folder })).pictures).toHaveLength(5)
  })

  it('that is watched or reviewed is read for pictures only', async () => {
    const folder = await createShards()
    expect(await find(folder, { archivesOfFolders: false })).toMatchObject({ pictures: [] })
    const path = join(folder, '00000.tar')
    const watched = await findPicturesAmong([{ folder, path }], {
      ...ANYTHING,
      archivesOfFolders: false,
    })
    expect(watched).toMatchObject({ pictures: [], leftOut: [{ label: path }] })
  })
})

describe('a pattern', () => {
  it('means the archives that it matches, whatever lies beside them', async () => {
    const folder = await createShards()
    writeFileSync(join(folder, 'photo.png'), PICTURE)
    expect(places(await find(join(folder, '*.tar')))).toEqual([
      join(folder, '00000.captions', '000.png'),
      join(folder, '00000.captions', '001.png'),
      join(folder, '00001.captions', '000.png'),
      join(folder, '00001.captions', '001.png'),
    ])
    const all = await find(join(folder, '*'), { out: join(folder, 'out') })
    expect(names(all)).toEqual([
      'photo.png',
      '00000/000.png',
      '00000/001.png',
      '00001/000.png',
      '00001/001.png',
      'more/a.png',
    ])
  })

  it('names those of many that are damaged, and reads the others', async () => {
    const folder = await createShards()
    writeFileSync(join(folder, '00000.tar'), Buffer.alloc(2000, 1))
    for (const input of [folder, join(folder, '*.{tar,zip}')]) {
      const found = await find(input)
      expect(found.pictures).toHaveLength(3)
      expect(found.failures).toMatchObject([{ label: join(folder, '00000.tar') }])
    }
  })
})

describe('--exclude and --limit', () => {
  it('leave archives closed', async () => {
    const folder = await createShards()
    writeFileSync(join(folder, '00001.tar'), Buffer.alloc(2000, 1))
    expect(await find(folder, { exclude: ['00001.*'] })).toMatchObject({ failures: [] })
    expect(names(await find(folder, { exclude: ['*.tar'] }))).toEqual(['a.png'])
    // The second shard would be an error.
    const first = await find(folder, { limit: 2 })
    expect(first).toMatchObject({ failures: [], pictures: { length: 2 } })
    expect(await find(folder, { limit: 3 })).toMatchObject({ failures: { length: 1 } })
  })

  it('count what is wanted', async () => {
    const folder = await createShards()
    const found = await find(folder, { exclude: ['000.png'], limit: 2 })
    expect(found.pictures.filter(({ name }) => name !== '000.png')).toHaveLength(2)
  })
})

it('reads an archive once that has two names', async () => {
  const folder = await createShards()
  const again = join(folder, '..', folder.split(/[/\\]/).at(-1)!, '00000.tar')
  const found = await find([join(folder, '00000.tar'), again, join(folder, '*.tar')])
  expect(found.pictures).toHaveLength(4)
})
