// `flocap caption --watch`: what appears in a folder is captioned when it is whole.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { PROGRAM, runProgram } from '../support/program.ts'
import { readSample, referenceCaption, samplePath } from '../support/samples.ts'
import { createFolder, removeFolder, temporaryFolder } from '../support/temporary-folder.ts'

const home = createFolder()
afterAll(() => removeFolder(home))

const [ONE, OTHER] = ['scene-00.png', 'scene-02.png'] as const
const caption = (file: string): string => `${referenceCaption(file, '<CAPTION>')}\n`

const line = z.object({ file: z.string() })

interface Watching {
  readonly child: ChildProcess
  /** Resolves when standard error has the text. */
  readonly said: (text: string) => Promise<void>
  /** Ctrl-C. */
  readonly stop: () => Promise<{ readonly code: number | null; readonly stderr: string }>
}

function watch(...args: string[]): Watching {
  const command = [PROGRAM, 'caption', '--task', 'caption', '--format', 'txt,jsonl', ...args]
  const child = spawn(process.execPath, command, { env: { ...process.env, FLOCAP_HOME: home } })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stderr = ''
  child.stdout.resume()
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return {
    child,
    async said(text) {
      await expect.poll(() => stderr).toContain(text)
    },
    async stop() {
      child.kill('SIGINT')
      if (child.exitCode === null) await once(child, 'close')
      return { code: child.exitCode, stderr }
    },
  }
}

const captionOf = (file: string) => () => (existsSync(file) ? readFileSync(file, 'utf8') : '')

describe.each([['--watch'], ['--watch-poll=1']])('flocap caption %s', (flag) => {
  it('captions what is there and what comes, whole, and ends with Ctrl-C', async () => {
    const album = temporaryFolder()
    copyFileSync(samplePath(ONE), join(album, 'a.png'))
    const { said, stop } = watch(flag, '-r', album)
    await said(`Watching ${album}. Ctrl-C ends.`)
    await expect.poll(captionOf(join(album, 'a.txt'))).toBe(caption(ONE))

    // Copied in two halves, into a folder that is new.
    const picture = readSample(OTHER)
    const half = picture.byteLength >> 1
    mkdirSync(join(album, 'new'))
    const copied = join(album, 'new', 'b.png')
    writeFileSync(copied, picture.subarray(0, half))
    await sleep(300)
    appendFileSync(copied, picture.subarray(half))
    await expect.poll(captionOf(join(album, 'new', 'b.txt'))).toBe(caption(OTHER))

    renameSync(join(album, 'a.png'), join(album, 'c.png'))
    await expect.poll(captionOf(join(album, 'c.txt'))).toBe(caption(ONE))

    const { code, stderr } = await stop()
    expect({ code, last: stderr.trim().split('\n').at(-1) }).toEqual({
      code: 0,
      last: 'captioned 3',
    })
    const rows = readFileSync(join(album, 'captions.jsonl'), 'utf8').trim().split('\n')
    expect(rows.map((row) => line.parse(JSON.parse(row)).file).toSorted()).toEqual([
      'a.png',
      'c.png',
      'new/b.png',
    ])
  })
})

describe('flocap caption --watch', () => {
  it('names what is damaged, and goes on', async () => {
    const album = temporaryFolder()
    writeFileSync(join(album, 'bad.png'), readSample(ONE).subarray(0, 200))
    const { said, stop } = watch('--watch', album)
    await said(`${join(album, 'bad.png')}: `)
    copyFileSync(samplePath(ONE), join(album, 'good.png'))
    await expect.poll(captionOf(join(album, 'good.txt'))).toBe(caption(ONE))
    const { code, stderr } = await stop()
    expect(code).toBe(1)
    expect(stderr).toContain('captioned 1, failed 1')
  })

  it.each([
    [['photo.jpg'], 'Expected folders for --watch, got "photo.jpg".'],
    [['.', '--limit', '3'], '--watch and --limit exclude each other.'],
    [['.', '--format', 'webdataset'], '--watch and --format webdataset exclude each other.'],
    [['.', '--watch-poll', '0'], 'Expected a number from 1 to 86400 for --watch-poll, got "0".'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await runProgram(['caption', '--watch', ...args], {
      environment: { FLOCAP_HOME: home },
    })
    expect({ code, stderr: stderr.split('\n').slice(0, 3).join('\n') }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`flocap: ${message}`),
    })
  })
})
