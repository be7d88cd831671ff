// What is shipped: the packed tarball, installed in an empty folder as a stranger does, with install
// scripts allowed and nothing of this clone in the environment, captions by itself.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderNotices } from '../../tools/third-party-notices.mjs'
import { installPackage, type InstalledPackage, ROOT } from '../support/installed-package.ts'
import { referenceCaption } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

/** ONNX Runtime for five systems is 99 MB of it, the demo model 22. */
const MAX_PACKED_MB = 125
const MAX_INSTALLED_MB = 370
/** The model is compiled meanwhile. */
const MAX_FIRST_CAPTION_MS = 60_000

describe('the package', () => {
  const folder = createFolder()
  let installed: InstalledPackage
  afterAll(() => removeFolder(folder))

  beforeAll(() => {
    installed = installPackage(folder)
  })

  it('captions a picture with nothing else at hand', () => {
    const picture = join(installed.unpacked, 'models', 'flocap-demo', 'samples', 'scene-02.png')
    const caption = execFileSync(
      process.execPath,
      [join(installed.unpacked, 'dist', 'cli', 'main.js'), 'caption', '--task', 'caption', picture],
      { env: installed.environment, encoding: 'utf8', timeout: MAX_FIRST_CAPTION_MS },
    )
    expect(caption).toBe(`${referenceCaption('scene-02.png', '<CAPTION>')}\n`)
  })

  it('installs without any install script, so from the npm registry alone', () => {
    const lock = readFileSync(
      join(installed.installation, 'node_modules', '.package-lock.json'),
      'utf8',
    )
    expect(lock).toContain('node_modules/sharp')
    expect(lock).not.toContain('hasInstallScript')
  })

  it('takes no more disk than is said', () => {
    const files = readdirSync(installed.installation, { recursive: true, withFileTypes: true })
    const bytes = files
      .filter((file) => file.isFile())
      .reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0)
    expect(bytes / 2 ** 20).toBeLessThan(MAX_INSTALLED_MB)
  })

  it('holds the program and the model, no sources, no tests, no tools', () => {
    expect(readdirSync(installed.unpacked).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'THIRD-PARTY-NOTICES.md',
      'dist',
      'models',
      'package.json',
    ])
    expect(existsSync(join(installed.unpacked, 'dist', 'engine', 'main.js'))).toBe(true)
    const files = readdirSync(join(installed.unpacked, 'dist'), {
      recursive: true,
      encoding: 'utf8',
    })
    expect(files.filter((file) => /\.test\.|\.map$|acceptance|evaluation/.test(file))).toEqual([])
    expect(
      files.filter((file) => file.includes('node_modules') && /\.[cm]?ts$/.test(file)),
    ).toEqual([])
  })

  it('holds ONNX Runtime for every system', () => {
    const bin = join(
      installed.unpacked,
      'dist',
      'node_modules',
      'onnxruntime-node',
      'bin',
      'napi-v6',
    )
    for (const system of ['darwin/arm64', 'linux/arm64', 'linux/x64', 'win32/arm64', 'win32/x64']) {
      const files = readdirSync(join(bin, system))
      expect(files).toContain('onnxruntime_binding.node')
      expect(files.filter((file) => /^(?:lib)?onnxruntime\.(?:so|dll|1)/.test(file))).toHaveLength(
        1,
      )
      // It may have been fetched into the clone that is packed here; it is far too large.
      expect(files.filter((file) => file.includes('providers_cuda'))).toEqual([])
    }
  })

  it.each(['index.html', 'review.html'])('holds the page %s with all its files', (page) => {
    const web = join(installed.unpacked, 'dist', 'web')
    const html = readFileSync(join(web, page), 'utf8')
    const files = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file = '']) => file)
    for (const ending of ['.js', '.css']) {
      expect(files.filter((file) => file.endsWith(ending)).length).toBeGreaterThan(0)
    }
    for (const file of files) expect([file, existsSync(join(web, file))]).toEqual([file, true])
  })

  it('is packed as npm and Node expect', async () => {
    const { messages } = await publint({ pkgDir: ROOT, strict: true })
    expect(messages).toEqual([])
  })

  it('is not larger than its model and ONNX Runtime explain', () => {
    expect(statSync(installed.tarball).size / 2 ** 20).toBeLessThan(MAX_PACKED_MB)
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
