// The portable archives, as their users have them: unpacked, and started with nothing of this machine's
// PATH and home. By hand and before a release: `npm run portable:check`. The archive for Windows is looked
// into, since it runs there only.
import { execFileSync, spawn } from 'node:child_process'
import { createReadStream, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import { beforeAll, afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Entry, openPromise } from 'yauzl'
import { ROOT } from '../support/installed-package.ts'
import { referenceCaption } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const MAX_PACKED_MB = 130

const folder = createFolder()
afterAll(() => removeFolder(folder))

beforeAll(() => {
  const build = [join(ROOT, 'tools', 'portable.mjs'), '--to', folder]
  execFileSync(process.execPath, build, { stdio: 'inherit' })
})

const archiveOf = (ending: string): string =>
  join(
    folder,
    readdirSync(folder).find((file) => file.endsWith(ending))!,
  )

describe.each(['.tar.gz', '.zip'])('the archive %s', (ending) => {
  it('is as large as its parts explain, and has its hash beside it', async () => {
    const hash = createHash('sha256')
    let size = 0
    await pipeline(
      createReadStream(archiveOf(ending)),
      async function* (chunks) {
        for await (const chunk of chunks as AsyncIterable<Buffer>) {
          size += chunk.byteLength
          yield chunk
        }
      },
      hash,
    )
    expect(readFileSync(archiveOf(`${ending}.sha256`), 'utf8')).toContain(hash.digest('hex'))
    expect(size / 2 ** 20).toBeLessThan(MAX_PACKED_MB)
  })
})

describe.skipIf(process.platform !== 'linux')('the archive for Linux', () => {
  let program = ''
  /** No PATH, and a home without anything: nothing of this machine helps. */
  const environment = { PATH: '', HOME: join(folder, 'a home') }

  beforeAll(() => {
    const place = join(folder, 'un packed')
    mkdirSync(place)
    mkdirSync(environment.HOME)
    execFileSync('tar', ['xzf', archiveOf('.tar.gz'), '-C', place])
    program = join(place, readdirSync(place)[0]!)
  })

  const run = (args: readonly string[], cwd = program, name = './flocap'): string =>
    execFileSync(name, args, { cwd, env: environment, encoding: 'utf8' })

  it('captions a picture', () => {
    const picture = 'app/models/flocap-demo/samples/scene-02.png'
    expect(run(['caption', '--task', 'caption', picture])).toBe(
      `${referenceCaption('scene-02.png', '<CAPTION>')}\n`,
    )
  })

  it('brings its own Node, and names commands as its user types them', () => {
    const doctor = run(['doctor'])
    expect(doctor).toContain('FloCap works here.')
    expect(doctor).toMatch(/on Node 24\./)
    expect(doctor).toContain("'./flocap pull base'")
    expect(run(['--version'], '/', join(program, 'flocap'))).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('serves', async () => {
    const server = spawn(join(program, 'start.sh'), ['--port', '0'], {
      cwd: program,
      env: environment,
    })
    onTestFinished(() => void server.kill('SIGKILL'))
    let written = ''
    server.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      written += chunk
    })
    await expect.poll(() => written).toContain('Ready')
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(written)?.[0]
    const response = await fetch(`${address}/api/v1/caption`, {
      method: 'POST',
      headers: { accept: 'text/plain' },
      body: readFileSync(join(program, 'app/models/flocap-demo/samples/scene-03.png')),
    })
    expect(await response.text()).toContain('anchor')
    // The script has become the server: there is nobody between who would keep a signal.
    server.kill('SIGTERM')
    await new Promise((resolve) => server.on('close', resolve))
    expect(server.exitCode).toBe(0)
  })
})

describe('the archive for Windows', () => {
  const texts = new Map<string, string>()
  const sizes = new Map<string, number>()

  beforeAll(async () => {
    const zip = await openPromise(archiveOf('.zip'))
    for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
      const name = entry.fileName.replace(/^flocap-[\d.]+-win32-x64\//, '')
      sizes.set(name, entry.uncompressedSize)
      if (/^[^/]+\.(?:cmd|txt)$/.test(name)) {
        texts.set(name, await text(await zip.openReadStreamPromise(entry)))
      }
    }
  })

  it('has Node, a start by double click, and the program', () => {
    for (const name of ['node.exe', 'app/dist/cli/main.js', 'app/dist/web/index.html']) {
      expect(sizes.get(name), name).toBeGreaterThan(0)
    }
    expect(texts.get('start.cmd')).toContain('call "%~dp0flocap.cmd" serve %*\r\n')
    expect(texts.get('flocap.cmd')).toContain(
      String.raw`"%~dp0node.exe" "%~dp0app\dist\cli\main.js" %*` + '\r\n',
    )
    expect(texts.get('LICENSE-node.txt')).toContain('Node.js is licensed')
  })

  it('has the binaries of Windows, and of no other system', () => {
    const binaries = [...sizes.keys()].filter((name) =>
      /\.(?:node|dll|so|dylib)(?:\.|$)/.test(name),
    )
    for (const wanted of [
      'win32/x64/onnxruntime.dll',
      'win32/x64/onnxruntime_binding.node',
      '@img/sharp-win32-x64/lib/libvips-42.dll',
    ]) {
      expect(binaries.filter((name) => name.endsWith(wanted))).toHaveLength(1)
    }
    expect(binaries.filter((name) => !name.includes('win32'))).toEqual([])
  })

  it('has the model, and nothing of the build', () => {
    const names = [...sizes.keys()]
    expect(names).toContain('app/models/flocap-demo/model.safetensors')
    expect(names.filter((name) => /\.test\.|vitest|typescript/.test(name))).toEqual([])
  })
})
