import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { findMembers } from './archive.ts'

const MB = 1024 * 1024

/** What is asked for is read; a bomb has to be refused before. */
async function readSized(size: number, packedSize?: number): Promise<unknown> {
  const path = join(temporaryFolder(), 'a.zip')
  writeFileSync(path, '')
  const member = {
    name: 'a.png',
    size,
    start: new Uint8Array([1]),
    read: async () => new Uint8Array([7]),
    ...(packedSize === undefined ? {} : { packedSize }),
  }
  const members = (async function* () {
    yield member
  })()
  const { pictures } = await findMembers(
    path,
    { members, close: async () => undefined },
    { output: '', prefix: '' },
    () => ({ format: 'png', readable: true }),
  )
  return pictures[0]?.read()
}

it.each([
  ['of a picture that is hardly smaller in it', 200 * MB, 190 * MB],
  ['of a small picture of one colour', 60 * MB, 60_000],
  ['of a picture that is not compressed', 500 * MB, undefined],
])('an archive gives the bytes %s', async (_name, size, packedSize) => {
  expect(await readSized(size, packedSize)).toEqual(new Uint8Array([7]))
})

it.each([
  ['grows a thousandfold', 450 * MB, 450_000],
  ['is larger than any picture', 600 * MB, 599 * MB],
  ['is larger than any picture, as it is', 600 * MB, undefined],
])('what %s is refused before it is read', async (_name, size, packedSize) => {
  await expect(readSized(size, packedSize)).rejects.toMatchObject({ code: 'image_too_large' })
})
