// `flocap caption --embed`: texts in the pictures themselves, by ExifTool.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { findExifTool } from '../../src/folders/embed/find-exiftool.ts'
import { decodePicture } from '../../src/runtime/image/decode/decode.ts'
import { PICTURES, readPicture } from '../support/picture-fixtures.ts'
import { runProgram } from '../support/program.ts'
import { referenceCaption, samplePath } from '../support/samples.ts'
import { createFolder, removeFolder, temporaryFolder } from '../support/temporary-folder.ts'

const HAS_EXIFTOOL = spawnSync('exiftool', ['-ver']).status === 0

const home = createFolder()
afterAll(() => removeFolder(home))

const [ONE, OTHER] = ['scene-00.png', 'scene-02.png'] as const
const caption = (file: string): string => referenceCaption(file, '<CAPTION>')

const run = async (...args: string[]) =>
  runProgram(['caption', '--task', 'caption', '--embed', ...args], {
    environment: { FLOCAP_HOME: home },
  })

const texts = z.tuple([z.record(z.string(), z.unknown())])

function readTexts(file: string): Readonly<Record<string, unknown>> {
  const args = ['-j', '-XMP:all', file]
  return texts.parse(JSON.parse(execFileSync('exiftool', args, { encoding: 'utf8' })))[0]
}

function createAlbum(): string {
  const album = temporaryFolder()
  copyFileSync(samplePath(ONE), join(album, 'a.png'))
  copyFileSync(samplePath(OTHER), join(album, 'b.png'))
  return album
}

/** What ExifTool writes into, by the beginnings of the fixtures' names. */
const WRITABLE = /^(?:jpe?g|png|gif|webp|tiff|avif|heic|jxl)-/

/** Two of each, the second one with an orientation, an alpha channel or a profile where there is one. */
function someOfEachFormat(): readonly string[] {
  const formats = new Map<string, string[]>()
  for (const name of Object.keys(PICTURES)) {
    const ending = name.slice(name.lastIndexOf('.'))
    formats.set(ending, [...(formats.get(ending) ?? []), name])
  }
  return [...formats.values()].flatMap((names) => {
    const odd = names.find((name) => /orientation|alpha|profile/.test(name)) ?? names.at(-1)
    return [...new Set([names[0], odd])].filter((name) => name !== undefined)
  })
}

describe.runIf(HAS_EXIFTOOL)('ExifTool', () => {
  const words = {
    alt: 'A "dog" – été, 1 < 2 & $HOME',
    extended: '@file',
    description: '1.50',
    tags: ['dog', 'Dog', '007', 'a, b'],
  }

  it('changes no pixel of any format that it writes, and refuses the others by name', async () => {
    const exifTool = await findExifTool()
    const wrong: string[] = []
    const refused: string[] = []
    let same = 0
    for (const name of someOfEachFormat()) {
      const picture = readPicture(name)
      const options = { applyOrientation: true }
      const before = await decodePicture(picture, options).catch(() => undefined)
      if (before === undefined) continue
      const result = await exifTool.write(picture, words).catch((error: Error) => error.message)
      if (typeof result === 'string') {
        refused.push(`${name}: ${result}`)
        continue
      }
      const after = await decodePicture(result, options)
      const isSame =
        after.width === before.width &&
        after.height === before.height &&
        Buffer.compare(after.data, before.data) === 0
      if (isSame) same += 1
      else wrong.push(name)
    }
    expect(wrong).toEqual([])
    expect(same).toBeGreaterThanOrEqual(14)
    // The bare codestream of JPEG XL has no place for texts.
    expect(refused.filter((line) => WRITABLE.test(line) && !line.startsWith('jxl-'))).toEqual([])
    expect(refused.every((line) => line.includes('ExifTool'))).toBe(true)
  })

  it('reads back what it wrote, and adds each keyword once', async () => {
    const exifTool = await findExifTool()
    const once = await exifTool.write(readFileSync(samplePath(ONE)), words)
    const twice = await exifTool.write(once, { tags: ['DOG', 'cat'] })
    expect(await exifTool.read(twice)).toEqual({
      alt: words.alt,
      extended: '@file',
      description: '1.5',
      tags: ['dog', 'Dog', '007', 'a, b', 'cat'],
    })
  })

  it('refuses a picture that takes no texts before anything is computed', async () => {
    const exifTool = await findExifTool()
    await expect(exifTool.read(readPicture('bmp-24.bmp'))).rejects.toMatchObject({
      code: 'file_not_written',
      message: expect.stringContaining('(bmp)'),
    })
  })
})

describe.runIf(HAS_EXIFTOOL)('flocap caption --embed', () => {
  it('writes into the pictures, keeps their rights, and captions none of them again', async () => {
    const album = createAlbum()
    const file = join(album, 'a.png')
    chmodSync(file, 0o640)
    const before = await decodePicture(readFileSync(file), { applyOrientation: true })
    const first = await run(album, '--format', 'jsonl')
    expect(first.stderr).toContain('captioned 2\n')
    expect(readTexts(file)).toMatchObject({
      AltTextAccessibility: caption(ONE),
      ExtDescrAccessibility: caption(ONE),
      Description: caption(ONE),
    })
    expect(await decodePicture(readFileSync(file), { applyOrientation: true })).toEqual(before)
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(readdirSync(album).toSorted()).toEqual(['.flocap', 'a.png', 'b.png', 'captions.jsonl'])

    // Renamed and embedded: known by its new bytes. The model cannot even be loaded.
    renameSync(file, join(album, 'renamed.png'))
    const written = readFileSync(join(album, 'b.png'))
    const again = await run(album, '--format', 'txt', '--model', '/nowhere').catch(() => undefined)
    expect(again?.code).toBe(2)
    const more = await run(album, '--format', 'jsonl')
    expect(more.stderr).toContain('skipped 1')
    expect(readFileSync(join(album, 'b.png')).equals(written)).toBe(true)
    const other = await run(album, '--format', 'txt')
    expect(other.code).toBe(0)
    expect(readFileSync(join(album, 'renamed.txt'), 'utf8')).toBe(`${caption(ONE)}\n`)
  })

  it('keeps the words of somebody else, unless told to replace them', async () => {
    const album = createAlbum()
    const file = join(album, 'a.png')
    execFileSync('exiftool', ['-overwrite_original', '-XMP-dc:Description=mine', file])
    const theirs = readFileSync(file)
    expect((await run(album)).stderr).toContain('captioned 1, skipped 1')
    expect(readFileSync(file).equals(theirs)).toBe(true)
    await run(album, '--overwrite')
    expect(readTexts(file)['Description']).toBe(caption(ONE))
  })

  it('writes copies into another folder', async () => {
    const album = createAlbum()
    const before = readFileSync(join(album, 'a.png'))
    const out = join(temporaryFolder(), 'copies')
    expect((await run(album, '--out', out)).stderr).toContain('captioned 2\n')
    expect(readFileSync(join(album, 'a.png')).equals(before)).toBe(true)
    expect(readTexts(join(out, 'a.png'))['Description']).toBe(caption(ONE))
    expect((await run(album, '--out', out)).stderr).toContain('skipped 2')
  })

  it('names what it cannot write into, and leaves it and what is behind a link as it was', async () => {
    const album = temporaryFolder()
    const elsewhere = temporaryFolder()
    writeFileSync(join(album, 'a.bmp'), readPicture('bmp-24.bmp'))
    copyFileSync(samplePath(OTHER), join(elsewhere, 'x.png'))
    symlinkSync(join(elsewhere, 'x.png'), join(album, 'link.png'))
    copyFileSync(samplePath(ONE), join(album, 'really-a-png.jpg'))
    mkdirSync(join(album, 'new\nline'))
    copyFileSync(samplePath(ONE), join(album, 'new\nline', "-it's $HOME.png"))
    const { code, stderr } = await run(album, '-r')
    expect(code).toBe(1)
    expect(stderr).toContain(`${join(album, 'a.bmp')}: ExifTool`)
    expect(stderr).toContain('captioned 2, failed 2')
    expect(readFileSync(join(elsewhere, 'x.png')).equals(readFileSync(samplePath(OTHER)))).toBe(
      true,
    )
    for (const file of ['really-a-png.jpg', "new\nline/-it's $HOME.png"]) {
      const { description } = await (await findExifTool()).read(readFileSync(join(album, file)))
      expect(description).toBe(caption(ONE))
    }
  })
})

it('refuses an ExifTool that executes what a picture holds', async () => {
  const old = join(temporaryFolder(), 'exiftool')
  writeFileSync(old, '#!/bin/sh\necho 12.16\n', { mode: 0o755 })
  await expect(findExifTool(old)).rejects.toMatchObject({
    message: expect.stringMatching(/12\.24 or later, got 12\.16/),
  })
})

it.skipIf(process.platform === 'win32')(
  'tells ExifTool no key and no token, and no home',
  async () => {
    const folder = temporaryFolder()
    const [program, told] = [join(folder, 'exiftool'), join(folder, 'told')]
    const script = `[ "$1" = -ver ] && { echo 13.00; exit; }\nenv > '${told}'\necho '[{}]'`
    writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    for (const name of ['FLOCAP_API_KEY', 'HF_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'HTTPS_PROXY']) {
      vi.stubEnv(name, 'a-secret')
    }
    onTestFinished(() => void vi.unstubAllEnvs())
    const tool = await findExifTool(program)
    await expect(tool.read(Buffer.from('picture'))).rejects.toThrow(/writes no texts/)
    const environment = readFileSync(told, 'utf8')
    expect(environment).toMatch(/^PATH=/m)
    // A configuration in the home folder would be run as a program.
    expect(environment).not.toMatch(/a-secret|^HOME=/m)
  },
)

it('says in one sentence what to install where there is no ExifTool', async () => {
  const { code, stderr } = await runProgram(['caption', '--embed', samplePath(ONE)], {
    environment: { FLOCAP_HOME: home, PATH: '/nowhere' },
  })
  expect(code).toBe(2)
  expect(stderr).toMatch(/^flocap: --embed needs ExifTool, which is not here\.\n {2}Install it: /)
})
