// What is shipped: the packed tarball, unpacked elsewhere, captions by itself.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderNotices } from '../../tools/third-party-notices.mjs'
import { referenceCaption } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** The demo model is 23 MB of it. */
const MAX_PACKED_MB = 30

describe('the package', () => {
  const folder = createFolder()
  const unpacked = join(folder, 'package')
  afterAll(() => removeFolder(folder))

  beforeAll(() => {
    const shell = process.platform === 'win32'
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT, shell })
    const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'))
    execFileSync('tar', ['-xzf', tarball!], { cwd: folder })
    // Its dependencies as they are here; installing them again would test npm.
    symlinkSync(join(ROOT, 'node_modules'), join(unpacked, 'node_modules'), 'junction')
  })

  it('captions a picture with nothing else at hand', () => {
    const picture = join(unpacked, 'models', 'flocap-demo', 'samples', 'scene-02.png')
    const caption = execFileSync(
      process.execPath,
      [join(unpacked, 'dist', 'cli', 'main.js'), 'caption', '--task', 'caption', picture],
      { env: { ...process.env, FLOCAP_HOME: join(folder, 'home') }, encoding: 'utf8' },
    )
    expect(caption).toBe(`${referenceCaption('scene-02.png', '<CAPTION>')}\n`)
  })

  it('holds the program and the model, no sources and no tests', () => {
    const top = readdirSync(unpacked).filter((name) => name !== 'node_modules')
    expect(top.toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'THIRD-PARTY-NOTICES.md',
      'dist',
      'models',
      'package.json',
    ])
    expect(existsSync(join(unpacked, 'dist', 'engine', 'main.js'))).toBe(true)
    const files = readdirSync(join(unpacked, 'dist'), { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => file.includes('.test.'))).toEqual([])
  })

  it('holds the web page with all its files', () => {
    const web = join(unpacked, 'dist', 'web')
    const html = readFileSync(join(web, 'index.html'), 'utf8')
    const files = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file = '']) => file)
    expect(files.filter((file) => file.endsWith('.js'))).toHaveLength(1)
    expect(files.filter((file) => file.endsWith('.css'))).toHaveLength(1)
    for (const file of files) expect([file, existsSync(join(web, file))]).toEqual([file, true])
  })

  it('is packed as npm and Node expect', async () => {
    const { messages } = await publint({ pkgDir: ROOT, strict: true })
    expect(messages).toEqual([])
  })

  it('is not larger than its model explains', () => {
    const bytes = execFileSync('npm', ['pack', '--dry-run', '--json'], {
      cwd: ROOT,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    })
    const size = /"size": (\d+)/.exec(bytes)?.[1]
    expect(Number(size) / 2 ** 20).toBeLessThan(MAX_PACKED_MB)
  })
})

describe('THIRD-PARTY-NOTICES.md', () => {
  const text = readFileSync(join(ROOT, 'THIRD-PARTY-NOTICES.md'), 'utf8')

  it('is what the lock file says (npm run notices)', () => {
    const lock: unknown = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
    expect(text).toBe(renderNotices(lock))
  })

  it('names what is under the LGPL, where its source is, and no licence that is unknown', () => {
    for (const name of ['libvips', 'libheif-js', 'github.com/lovell/sharp-libvips']) {
      expect(text).toContain(name)
    }
    expect(text).not.toContain('not stated')
    const licences = [...text.matchAll(/^\| (?!package|-)\S+ +\| (.+?) +\|$/gm)].map(
      ([, each]) => each,
    )
    expect(licences.length).toBeGreaterThan(30)
    // Anything else needs a second look before it ships.
    for (const licence of licences) {
      expect(licence).toMatch(/MIT|Apache-2\.0|BSD|ISC|0BSD|^LGPL-3\.0(?:-or-later)?$/)
    }
  })
})
