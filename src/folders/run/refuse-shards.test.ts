// Shards of --format webdataset that would lose something are refused before a picture is captioned.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { placeOfArchive } from '../inputs/archive.ts'
import { type PictureFile, pictureOnDisk } from '../inputs/picture-file.ts'
import { WEBDATASET_FORMAT } from '../formats/webdataset.ts'
import { refuseShards } from './refuse-shards.ts'

function member(archive: string, name: string, out?: string, folder?: string): PictureFile {
  const { output, prefix } = placeOfArchive(archive, out, folder)
  const label = `${archive}/${name}`
  return { ...pictureOnDisk(label, { label, name: `${prefix}${name}`, output }), archive }
}

const loose = (output: string): PictureFile =>
  pictureOnDisk('/x/photo.png', { label: '/x/photo.png', name: 'photo.png', output })

const refuse = (...pictures: readonly PictureFile[]): ReturnType<typeof refuseShards> =>
  refuseShards(pictures, [WEBDATASET_FORMAT])

const A = join('/x', 'a', '0.tar')
const B = join('/x', 'b', '0.tar')

describe('refuseShards', () => {
  it('keeps shards whose copies have places of their own', () => {
    const pictures = [member(A, '1.png'), member(B, '1.png'), loose('/x')]
    expect(refuse(...pictures)).toEqual({ pictures, clashes: [] })
    const inOne = [member(A, '1.png', '/out', '/x'), member(B, '1.png', '/out', '/x')]
    expect(refuse(...inOne)).toEqual({ pictures: inOne, clashes: [] })
  })

  it('refuses a copy that would replace its original', () => {
    const refused = member(A, '1.png', join('/x', 'a'))
    const kept = member(B, '1.png', '/out')
    const { pictures, clashes } = refuse(refused, member(A, '2.png', join('/x', 'a')), kept)
    expect(pictures).toEqual([kept])
    expect(clashes).toMatchObject([{ label: A, error: { message: 'Its copy would replace it.' } }])
  })

  it('refuses the second of two that would have one copy', () => {
    const [first, second] = [member(A, '1.png', '/out'), member(B, '2.png', '/out')]
    const { pictures, clashes } = refuse(first, second)
    expect(pictures).toEqual([first])
    expect(clashes).toMatchObject([
      { label: B, error: { message: `Its copy would be that of ${A}.` } },
    ])
  })

  it('refuses to pack pictures among copies', () => {
    expect(() => refuse(member(A, '1.png', '/out'), loose('/out'))).toThrow(
      'got both: /x/photo.png would be packed among copies of shards',
    )
  })

  it('leaves other formats alone', () => {
    const pictures = [member(A, '1.png', '/out'), member(B, '2.png', '/out'), loose('/out')]
    expect(refuseShards(pictures, [])).toEqual({ pictures, clashes: [] })
  })
})
