// `flocap caption` on folders, as somebody who has thousands of pictures uses it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { PROGRAM, runProgram } from '../support/program.ts'
import { referenceCaption, samplePath } from '../support/samples.ts'
import { createFolder, removeFolder, temporaryFolder } from '../support/temporary-folder.ts'

const home = createFolder()
afterAll(() => removeFolder(home))
const environment = { FLOCAP_HOME: home }

const [ONE, OTHER] = ['scene-00.png', 'scene-02.png'] as const
const caption = (file: string): string => referenceCaption(file, '<CAPTION>')

function createAlbum(): string {
  const album = temporaryFolder()
  mkdirSync(join(album, 'inner'))
  copyFileSync(samplePath(ONE), join(album, 'a.png'))
  copyFileSync(samplePath(OTHER), join(album, 'inner', 'b.png'))
  return album
}

const run = async (...args: string[]) =>
  runProgram(['caption', '--task', 'caption', ...args], { environment })

describe('flocap caption on folders', () => {
  it('captions into files, and only what has none', async () => {
    const album = createAlbum()
    const first = await run(album, '--format', 'txt')
    expect(first.stdout).toBe(`${caption(ONE)}\n`)
    expect(readFileSync(join(album, 'a.txt'), 'utf8')).toBe(first.stdout)
    expect(first.stderr).toContain('captioned 1\n')

    writeFileSync(join(album, 'a.txt'), 'my own words')
    const report = join(album, 'report.json')
    const second = await run(album, '--format', 'txt', '-r', '--report', report)
    expect(second.code).toBe(0)
    expect(second.stderr).toContain('captioned 1, skipped 1 (have captions)')
    expect(second.stdout).toContain(`${join(album, 'inner', 'b.png')}: ${caption(OTHER)}`)
    expect(readFileSync(join(album, 'a.txt'), 'utf8')).toBe('my own words')
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      captioned: 1,
      skipped: [{ file: join(album, 'a.png'), reason: expect.stringContaining('edited') }],
    })

    await run(album, '--sidecar', 'txt', '--overwrite')
    expect(readFileSync(join(album, 'a.txt'), 'utf8')).toBe(first.stdout)
  })

  it('writes the text that a trainer wants', async () => {
    const album = createAlbum()
    await run(album, '--format', 'txt', '--trigger', 'ohwx', '--replace', 'A =', '--suffix', ' 3d')
    const expected = `ohwx, ${caption(ONE).replaceAll('A ', '')} 3d\n`
    expect(readFileSync(join(album, 'a.txt'), 'utf8')).toBe(expected)
  })

  it('refuses only the pair that would share a file', async () => {
    const album = createAlbum()
    copyFileSync(samplePath(OTHER), join(album, 'a.webp'))
    copyFileSync(samplePath(OTHER), join(album, 'c.png'))
    const { code, stderr } = await run(album, '--format', 'txt')
    expect(code).toBe(1)
    expect(stderr).toContain('--names full')
    expect(stderr).toContain('captioned 1, failed 2')
    const full = await run(album, '--format', 'txt', '--names', 'full')
    expect(full.code).toBe(0)
    expect(existsSync(join(album, 'a.webp.txt'))).toBe(true)
  })

  it('names what it cannot read, and says that nothing could be begun', async () => {
    const album = temporaryFolder()
    writeFileSync(join(album, 'photo.nef'), 'raw')
    const { code, stderr } = await run(album, '--format', 'txt')
    expect(code).toBe(2)
    expect(stderr).toContain('left out 1 (.nef 1)')
  })

  it('refuses several tasks in one text file, and says what to do', async () => {
    const { code, stderr } = await run(createAlbum(), '--task', 'caption,ocr', '--format', 'txt')
    expect(code).toBe(2)
    expect(stderr).toContain('--lines')
    expect(stderr).toContain('json')
  })

  it('shows what it would do', async () => {
    const { stdout, stderr } = await run(
      createAlbum(),
      '--format',
      'txt',
      '--dry-run',
      '--strip-openings',
      '--length',
      'alt',
    )
    expect(stdout).toContain('1 picture, tasks: caption, txt (skip)')
    expect(stdout).toContain('1. strip openings\n     A man in a red coat on a bench.')
    expect(stderr).not.toContain('demo model')
  })

  it('finishes what is running on Ctrl-C, and goes on with the same command', async () => {
    const album = temporaryFolder()
    const sample = readFileSync(samplePath(ONE))
    for (let index = 0; index < 60; index += 1) {
      writeFileSync(join(album, `${String(index).padStart(2, '0')}.png`), sample)
    }
    const args = [PROGRAM, 'caption', album, '--task', 'caption', '--format', 'txt,jsonl']
    const child = spawn(process.execPath, args, { env: { ...process.env, ...environment } })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    await once(child.stdout, 'data')
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect(code).toBe(130)
    expect(stderr).toContain('The same command goes on')
    const done = Number(/captioned (\d+), not reached (\d+)/.exec(stderr)?.[1])
    expect(done).toBeGreaterThan(0)

    const rest = await run(album, '--format', 'txt,jsonl')
    expect(rest.stderr).toContain(`captioned ${60 - done}, skipped ${done}`)
    const rows = readFileSync(join(album, 'captions.jsonl'), 'utf8').trim().split('\n')
    expect(rows).toHaveLength(60)
  })

  it('ends quietly when nobody reads its captions any more', async () => {
    const album = createAlbum()
    renameSync(join(album, 'inner', 'b.png'), join(album, 'b.png'))
    rmSync(join(album, 'inner'), { recursive: true })
    const args = [PROGRAM, 'caption', album, '--task', 'caption']
    const child = spawn(process.execPath, args, { env: { ...process.env, ...environment } })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.stdout.destroy()
    await once(child, 'close')
    expect(stderr).not.toContain('Error')
    expect(stderr).not.toContain('    at ')
  })

  it.runIf(existsSync('/dev/full'))('says that standard output takes nothing', async () => {
    const shell = `"${process.execPath}" "${PROGRAM}" caption "${samplePath(ONE)}" > /dev/full`
    const child = spawn('sh', ['-c', shell], { env: { ...process.env, ...environment } })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [code] = await once(child, 'close')
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/Standard output cannot be written|the disk is full/)
  })
})
