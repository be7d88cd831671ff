import { join } from 'node:path'
import { expect, it } from 'vitest'
import { placeOfArchive } from '../inputs/archive.ts'
import { type PictureFile, pictureOnDisk } from '../inputs/picture-file.ts'
import { shardNames } from './shards.ts'

const OUT = join('/out')

it('names a shard for each 10,000 pictures of folders and zip files', () => {
  const picture = pictureOnDisk('/x/a.png', { label: 'a.png', name: 'a.png', output: OUT })
  const zipped = { ...picture, archive: join('/x', 'a.zip') }
  const many = Array.from({ length: 10_001 }, (_, index) => (index % 2 === 0 ? picture : zipped))
  expect(shardNames(OUT, many.slice(1))).toEqual(['00000.tar'])
  expect(shardNames(OUT, many)).toEqual(['00000.tar', '00001.tar'])
})

it('names a copy for each tar file, in its folder', () => {
  const member = (archive: string, name: string): PictureFile => {
    const { output, prefix } = placeOfArchive(archive, OUT, '/in')
    const label = `${archive}/${name}`
    return { ...pictureOnDisk(label, { label, name: `${prefix}${name}`, output }), archive }
  }
  const [one, other] = [join('/in', '0.tar'), join('/in', 'b', '0.tar')]
  expect(
    shardNames(OUT, [member(one, '1.png'), member(one, '2.png'), member(other, '1.png')]),
  ).toEqual(['0.tar', 'b/0.tar'])
})
