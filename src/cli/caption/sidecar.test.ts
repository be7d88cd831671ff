import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import type { Answer } from './answer.ts'
import { createSidecars } from './sidecar.ts'

const answer = (task: string, text: string): Answer => ({
  task,
  text,
  whole: { task, text },
  data: { kind: 'text', text },
  picture: { width: 2, height: 2 },
})
const ANSWERS = [answer('caption', 'A dog.'), answer('ocr', 'STOP\nHERE')]

describe('createSidecars', () => {
  it('writes the texts beside the picture, in the place of its ending', async () => {
    const picture = join(temporaryFolder(), 'my.holiday.photo.jpg')
    const sidecars = createSidecars('txt', [picture])
    expect(await sidecars.exists(picture)).toBe(false)
    await sidecars.write(picture, ANSWERS)
    expect(readFileSync(picture.replace('.jpg', '.txt'), 'utf8')).toBe('A dog.\nSTOP\nHERE\n')
    expect(await sidecars.exists(picture)).toBe(true)
  })

  it('replaces what is there', async () => {
    const picture = join(temporaryFolder(), 'a.png')
    writeFileSync(picture.replace('.png', '.caption'), 'something much longer than the new one')
    await createSidecars('caption', [picture]).write(picture, ANSWERS.slice(0, 1))
    expect(readFileSync(picture.replace('.png', '.caption'), 'utf8')).toBe('A dog.\n')
  })

  it('writes JSON as it is printed', async () => {
    const picture = join(temporaryFolder(), 'a.png')
    await createSidecars('json', [picture]).write(picture, ANSWERS)
    const lines = readFileSync(picture.replace('.png', '.json'), 'utf8').trim().split('\n')
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { file: picture, task: 'caption', text: 'A dog.' },
      { file: picture, task: 'ocr', text: 'STOP\nHERE' },
    ])
  })

  it('never writes through a link that lies in its place', async () => {
    const folder = temporaryFolder()
    const precious = join(folder, 'precious')
    writeFileSync(precious, 'mine')
    symlinkSync(precious, join(folder, 'a.txt'))
    const picture = join(folder, 'a.png')
    await expect(createSidecars('txt', [picture]).write(picture, ANSWERS)).rejects.toMatchObject({
      code: 'invalid_request',
      message: `${join(folder, 'a.txt')} is a symbolic link, and is not written to.`,
    })
    expect(readFileSync(precious, 'utf8')).toBe('mine')
  })

  it('refuses pictures that would share one, and standard input', () => {
    expect(() => createSidecars('txt', ['x/a.jpg', 'x/b.jpg', 'x/a.png'])).toThrow(
      expect.objectContaining({ message: expect.stringContaining('x/a.jpg and x/a.png') }),
    )
    expect(() => createSidecars('txt', ['-'])).toThrow('Standard input')
    expect(() => createSidecars('txt', ['x/a.jpg', 'y/a.jpg', 'x/a.jpg'])).not.toThrow()
  })
})
