import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HAS_FIFOS, makeFifo } from '../../test/support/make-fifo.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { readPlainFile, writePlainFile } from './plain-files.ts'

describe('readPlainFile', () => {
  it('reads a file, and one behind a link', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a'), 'content')
    symlinkSync('a', join(folder, 'b'))
    for (const name of ['a', 'b']) {
      expect(Buffer.from(await readPlainFile(join(folder, name))).toString()).toBe('content')
    }
  })

  it.runIf(HAS_FIFOS)('refuses a FIFO at once, though nobody writes into it', async () => {
    const fifo = join(temporaryFolder(), 'photo.jpg')
    makeFifo(fifo)
    await expect(readPlainFile(fifo)).rejects.toMatchObject({ found: 'a FIFO' })
  })

  it.runIf(HAS_FIFOS)('refuses devices, which never end', async () => {
    await expect(readPlainFile('/dev/zero')).rejects.toMatchObject({ found: 'a device' })
    const link = join(temporaryFolder(), 'photo.jpg')
    symlinkSync('/dev/zero', link)
    await expect(readPlainFile(link)).rejects.toMatchObject({ found: 'a device' })
  })

  it('refuses folders, and leaves other errors as they are', async () => {
    const folder = temporaryFolder()
    await expect(readPlainFile(folder)).rejects.toThrow(/a folder|EISDIR/)
    await expect(readPlainFile(join(folder, 'absent'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('writePlainFile', () => {
  it('makes a file, and replaces one with its rights', async () => {
    const file = join(temporaryFolder(), 'a.txt')
    await writePlainFile(file, 'one')
    if (HAS_FIFOS) chmodSync(file, 0o640)
    await writePlainFile(file, new TextEncoder().encode('two'))
    expect(readFileSync(file, 'utf8')).toBe('two')
    if (HAS_FIFOS) expect(statSync(file).mode & 0o777).toBe(0o640)
  })

  it('refuses a symbolic link, and leaves what it points to', async () => {
    const folder = temporaryFolder()
    const precious = join(folder, 'precious')
    writeFileSync(precious, 'mine')
    for (const [name, to] of [
      ['to-file.txt', 'precious'],
      ['to-nothing.txt', 'absent'],
    ] as const) {
      symlinkSync(to, join(folder, name))
      await expect(writePlainFile(join(folder, name), 'theirs')).rejects.toMatchObject({
        found: 'a symbolic link',
      })
    }
    expect(readFileSync(precious, 'utf8')).toBe('mine')
    expect(readdirSync(folder)).not.toContain('absent')
  })

  it('follows links where it is told to', async () => {
    const folder = temporaryFolder()
    const link = join(folder, 'link.txt')
    symlinkSync('target.txt', link)
    await writePlainFile(link, 'text', { followLinks: true })
    expect(readFileSync(join(folder, 'target.txt'), 'utf8')).toBe('text')
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
  })

  it.runIf(HAS_FIFOS)('refuses FIFOs, sockets and devices', async () => {
    const folder = temporaryFolder()
    makeFifo(join(folder, 'fifo'))
    const server = createServer().listen(join(folder, 'socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    try {
      for (const [path, found] of [
        [join(folder, 'fifo'), 'a FIFO'],
        [join(folder, 'socket'), 'a socket'],
        ['/dev/null', 'a device'],
        [folder, 'a folder'],
      ] as const) {
        for (const followLinks of [false, true]) {
          const written = writePlainFile(path, 'x', { followLinks })
          await expect(written).rejects.toMatchObject({ found })
        }
      }
    } finally {
      server.close()
    }
  })

  it('leaves nothing behind where it cannot write', async () => {
    const folder = temporaryFolder()
    await expect(writePlainFile(join(folder, 'no', 'such', 'a.txt'), 'x')).rejects.toMatchObject({
      code: 'ENOENT',
    })
    expect(readdirSync(folder)).toEqual([])
  })
})
