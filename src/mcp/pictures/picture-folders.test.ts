import { constants } from 'node:fs'
import {
  link,
  mkdir,
  mkdtemp,
  open,
  realpath,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { makeFifo } from '../../../test/support/make-fifo.ts'
import { FlocapError } from '../../base/errors.ts'
import { openPictureFolders, type PictureFolders } from './picture-folders.ts'

const PICTURE = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Buffer.from('a picture, for the sniffer')])
const SECRET = 'root:x:0:0:secret'
const OPTIONS = { maxBytes: 4096, isPicture: (start: Uint8Array) => start[0] === 0xff }
const [NOT_ALLOWED, MISSING] = ['image_path_not_allowed', 'missing_image']

/** `base` holds the allowed folder, `pictures`, and what lies outside of it. */
let base = ''
let folders: PictureFolders

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'flocap-mcp-')))
  const at = (...parts: string[]): string => join(base, ...parts)
  await mkdir(at('pictures', 'inner', 'deep'), { recursive: true })
  await mkdir(at('pictures-of-others'))
  await mkdir(at('outside'))
  for (const file of [
    'pictures/a.jpg',
    'pictures/inner/b.jpg',
    'pictures/ünï 図.jpg',
    'pictures/..hidden.jpg',
    'outside/secret.jpg',
    'pictures-of-others/c.jpg',
  ]) {
    await writeFile(at(file), PICTURE)
  }
  await writeFile(at('outside', 'passwd'), SECRET)
  await writeFile(at('pictures', 'passwd'), SECRET)
  await writeFile(at('pictures', 'empty.jpg'), '')
  await writeFile(at('pictures', 'huge.jpg'), PICTURE)
  await truncate(at('pictures', 'huge.jpg'), 1e12)
  await symlink(at('outside'), at('pictures', 'way-out'))
  await symlink('../outside', at('pictures', 'relative-way-out'))
  await symlink(at('outside', 'secret.jpg'), at('pictures', 'out.jpg'))
  await symlink('out.jpg', at('pictures', 'out-twice.jpg'))
  await symlink(at('outside', 'nothing.jpg'), at('pictures', 'dangling.jpg'))
  await symlink('loop.jpg', at('pictures', 'loop.jpg'))
  await symlink('/', at('pictures', 'root'))
  await symlink('/proc/self', at('pictures', 'self'))
  await symlink('inner/b.jpg', at('pictures', 'within.jpg'))
  await symlink(at('pictures'), at('other-name'))
  makeFifo(at('pictures', 'fifo.jpg'))
  folders = await openPictureFolders([at('pictures')], OPTIONS)
})

afterAll(async () => {
  await rm(base, { recursive: true, force: true })
})

/** The code of the refusal, checked to tell nothing of the file. */
async function refusal(path: string): Promise<unknown> {
  try {
    await folders.read(path, 'image')
    return 'read'
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    const said = `${error.message} ${'hint' in error ? String(error.hint) : ''}`
    expect(said).not.toContain('root:')
    expect(said).not.toContain('outside/')
    return error.code
  }
}

describe('paths below an allowed folder', () => {
  it.each(['a.jpg', 'inner/b.jpg', 'ünï 図.jpg', '..hidden.jpg', 'within.jpg', './/inner/./b.jpg'])(
    'reads %s',
    async (name) => {
      expect(await folders.read(`${base}/pictures/${name}`, 'image')).toEqual(PICTURE)
    },
  )

  it('reads by another name of the folder, and from a folder that is named by a link', async () => {
    expect(await refusal(join(base, 'other-name', 'a.jpg'))).toBe('read')
    const byLink = await openPictureFolders([join(base, 'other-name')], OPTIONS)
    expect(await byLink.read(join(base, 'pictures', 'a.jpg'), 'image')).toEqual(PICTURE)
  })

  it('refuses a root that is no folder, by the name of the flag', async () => {
    for (const root of ['nothing', 'pictures/a.jpg']) {
      await expect(openPictureFolders([join(base, root)], OPTIONS)).rejects.toMatchObject({
        code: 'invalid_setting',
        subject: '--mcp-root',
      })
    }
  })

  it('reads nothing where no folder was named', async () => {
    const none = await openPictureFolders([], OPTIONS)
    await expect(none.read(join(base, 'pictures', 'a.jpg'), 'image')).rejects.toMatchObject({
      code: NOT_ALLOWED,
      hint: expect.stringContaining('--mcp-root'),
    })
  })
})

/** `@` stands for the folder that holds the allowed one. */
const HOSTILE: readonly (readonly [path: string, code: string | undefined])[] = [
  ['/etc/passwd', NOT_ALLOWED],
  ['/etc/shadow', NOT_ALLOWED],
  ['/', NOT_ALLOWED],
  ['/nothing/at/all.jpg', NOT_ALLOWED],
  ['/dev/zero', NOT_ALLOWED],
  ['/dev/stdin', NOT_ALLOWED],
  ['/dev/fd/0', NOT_ALLOWED],
  ['/proc/self/environ', NOT_ALLOWED],
  ['/proc/self/root/etc/passwd', NOT_ALLOWED],
  ['/proc/self/cwd/package.json', NOT_ALLOWED],
  ['@', NOT_ALLOWED],
  ['@/pictures', NOT_ALLOWED],
  ['@/pictures/', NOT_ALLOWED],
  ['@/outside/secret.jpg', NOT_ALLOWED],
  ['@/outside/nothing.jpg', NOT_ALLOWED],
  ['@/pictures-of-others/c.jpg', NOT_ALLOWED],
  ['@/picture', NOT_ALLOWED],
  ['@/pictures/../outside/secret.jpg', NOT_ALLOWED],
  ['@/pictures/inner/../../outside/secret.jpg', NOT_ALLOWED],
  ['@/pictures/..', NOT_ALLOWED],
  ['@/pictures/inner/..', NOT_ALLOWED],
  ['@/pictures/way-out/../a.jpg', NOT_ALLOWED],
  ['@/pictures/way-out/secret.jpg', NOT_ALLOWED],
  ['@/pictures/way-out/passwd', NOT_ALLOWED],
  ['@/pictures/way-out/nothing.jpg', NOT_ALLOWED],
  ['@/pictures/relative-way-out/secret.jpg', NOT_ALLOWED],
  ['@/pictures/out.jpg', NOT_ALLOWED],
  ['@/pictures/out-twice.jpg', NOT_ALLOWED],
  ['@/pictures/dangling.jpg', NOT_ALLOWED],
  ['@/pictures/dangling.jpg/x', NOT_ALLOWED],
  ['@/pictures/loop.jpg', NOT_ALLOWED],
  ['@/pictures/root/etc/passwd', NOT_ALLOWED],
  ['@/pictures/root', NOT_ALLOWED],
  ['@/pictures/self/environ', NOT_ALLOWED],
  ['@/pictures/self/root/etc/passwd', NOT_ALLOWED],
  ['@/pictures/a.jpg\0.png', NOT_ALLOWED],
  ['\0', NOT_ALLOWED],
  ['/etc/passwd\0.jpg', NOT_ALLOWED],
  ['', NOT_ALLOWED],
  [' ', NOT_ALLOWED],
  ['a.jpg', NOT_ALLOWED],
  ['./a.jpg', NOT_ALLOWED],
  ['../a.jpg', NOT_ALLOWED],
  ['~/a.jpg', NOT_ALLOWED],
  ['$HOME/a.jpg', NOT_ALLOWED],
  ['//server/share/a.jpg', NOT_ALLOWED],
  ['///etc/passwd', NOT_ALLOWED],
  ['\\\\server\\share\\a.jpg', NOT_ALLOWED],
  ['\\\\?\\C:\\a.jpg', NOT_ALLOWED],
  ['\\\\.\\PhysicalDrive0', NOT_ALLOWED],
  ['//?/C:/a.jpg', NOT_ALLOWED],
  ['file:///etc/passwd', NOT_ALLOWED],
  ['file://@/pictures/a.jpg', NOT_ALLOWED],
  ['FILE:///etc/passwd', NOT_ALLOWED],
  ['ftp://host/a.jpg', NOT_ALLOWED],
  ['gopher://127.0.0.1:25/x', NOT_ALLOWED],
  ['javascript:alert(1)', NOT_ALLOWED],
  ['blob:https://host/id', NOT_ALLOWED],
  ['C:\\pictures\\a.jpg', NOT_ALLOWED],
  ['c:a.jpg', NOT_ALLOWED],
  ['%2fetc%2fpasswd', NOT_ALLOWED],
  ['/%2e%2e/etc/passwd', NOT_ALLOWED],
  [`/${'a/'.repeat(3000)}b.jpg`, NOT_ALLOWED],
  [`/9j/${'4AAQSkZJRg'.repeat(1000)}`, NOT_ALLOWED],
  ['@/pictures/inner', MISSING],
  ['@/pictures/fifo.jpg', MISSING],
  ['@/pictures/nothing.jpg', MISSING],
  ['@/pictures/A.JPG/x', MISSING],
  [`@/pictures/${'a'.repeat(300)}.jpg`, MISSING],
  ['@/pictures/passwd', 'unsupported_image_format'],
  ['@/pictures/empty.jpg', 'empty_image_file'],
  ['@/pictures/huge.jpg', 'image_too_large'],
]

describe.skipIf(process.platform === 'win32')('hostile paths', () => {
  it.each(HOSTILE)('refuses %j', async (path, code) => {
    expect(await refusal(path.replace('@', base))).toBe(code)
  })
})

describe.skipIf(process.platform === 'win32')(
  'what changes between the look and the opening',
  () => {
    it('is noticed when the file becomes a link that leads out', async () => {
      const file = join(base, 'pictures', 'swapped.jpg')
      await writeFile(file, PICTURE)
      onTestFinished(async () => rm(file, { force: true }))
      const outcome = await readWhile('swapped.jpg', async () => {
        await rm(file)
        await symlink(join(base, 'outside', 'secret.jpg'), file)
      })
      expect(outcome).toBe(NOT_ALLOWED)
    })

    it('is noticed when a folder on the way becomes one', async () => {
      const folder = join(base, 'pictures', 'moving')
      await mkdir(folder)
      await writeFile(join(folder, 'secret.jpg'), PICTURE)
      onTestFinished(async () => rm(folder, { force: true, recursive: true }))
      const outcome = await readWhile('moving/secret.jpg', async () => {
        await rm(folder, { recursive: true })
        await symlink(join(base, 'outside'), folder)
      })
      expect(outcome).toBe(NOT_ALLOWED)
    })

    it('is allowed when the file stays where it may be', async () => {
      const file = join(base, 'pictures', 'replaced.jpg')
      await writeFile(file, PICTURE)
      onTestFinished(async () => rm(file, { force: true }))
      const outcome = await readWhile('replaced.jpg', async () => {
        await rm(file)
        await link(join(base, 'pictures', 'a.jpg'), file)
      })
      expect(outcome).toEqual(PICTURE)
    })

    it('never lets out what lies outside, however often a link comes and goes', async () => {
      const file = join(base, 'pictures', 'flickering.jpg')
      const marked = Buffer.concat([PICTURE, Buffer.from('outside')])
      await writeFile(join(base, 'outside', 'marked.jpg'), marked)
      await writeFile(file, PICTURE)
      const worker = new Worker(FLICKER, {
        eval: true,
        workerData: { file, target: join(base, 'outside', 'marked.jpg') },
      })
      onTestFinished(async () => {
        await worker.terminate()
        await rm(file, { force: true })
      })
      let read = 0
      for (let attempt = 0; attempt < 600; attempt += 1) {
        const outcome = await folders.read(file, 'image').catch(() => undefined)
        if (outcome === undefined) continue
        read += 1
        expect(Buffer.from(outcome).includes('outside')).toBe(false)
      }
      expect(read).toBeGreaterThan(0)
    })
  },
)

/** Reads `pictures/<name>` while `swap` happens right before it is opened. */
async function readWhile(name: string, swap: () => Promise<void>): Promise<unknown> {
  const swapping = await openPictureFolders([join(base, 'pictures')], {
    ...OPTIONS,
    async openFile(path) {
      await swap()
      return open(path, constants.O_RDONLY)
    },
  })
  return swapping
    .read(join(base, 'pictures', name), 'image')
    .catch((error: unknown) => (error instanceof FlocapError ? error.code : error))
}

/** Puts a link in the place of a picture and the picture back, without a pause. */
const FLICKER = `
const { renameSync, symlinkSync, copyFileSync } = require('node:fs')
const { workerData: { file, target } } = require('node:worker_threads')
copyFileSync(file, file + '.keep')
for (;;) {
  try {
    symlinkSync(target, file + '.link')
    renameSync(file + '.link', file)
    copyFileSync(file + '.keep', file + '.back')
    renameSync(file + '.back', file)
  } catch {}
}
`
