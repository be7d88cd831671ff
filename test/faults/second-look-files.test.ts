// The second look at what reads files: runs over folders and archives, a review, the tools on standard
// input, models. None may crash, hang, follow a trap or write elsewhere.
import { spawn } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeFifo } from '../support/make-fifo.ts'
import { PASSWD_LINE } from '../support/passwd-line.ts'
import { PNG } from '../support/pictures.ts'
import { PROGRAM, runProgram } from '../support/program.ts'
import { startReviewProgram } from '../support/review-program.ts'
import { referenceCaption } from '../support/samples.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { writeHostileArchives } from './second-look/hostile-archives.ts'
import { fillHostileFolder } from './second-look/hostile-folder.ts'

const CAPTION = referenceCaption('scene-00.png', '<CAPTION>')
// oxlint-disable-next-line no-control-regex -- control characters are what must not be printed
const RAW_CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/

/** Everything below a folder that is no folder, with what it is. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
}

describe.skipIf(process.platform === 'win32')('folders', () => {
  it('full of traps: what is right is captioned, the rest is named, nothing is written elsewhere', async () => {
    const [folder, outside, home] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
    const { right, traps } = fillHostileFolder(folder, outside)
    const args = ['caption', '--task', 'caption', '--format', 'txt', '--names', 'full', '-r']
    const { code, stderr } = await runProgram([...args, '--beams', '1', folder], {
      environment: { FLOCAP_HOME: home },
    })
    expect(code).toBe(1)
    expect(stderr).not.toMatch(RAW_CONTROL)
    expect(stderr).not.toMatch(/internal|^\s+at /m)
    for (const name of right) {
      expect([name, readFileSync(join(folder, `${name}.txt`), 'utf8').trim()]).toEqual([
        name,
        CAPTION,
      ])
    }
    expect(listing(outside)).toEqual(['victim.txt'])
    // With names by their stem the captions would go where the traps are.
    const again = await runProgram(
      [
        'caption',
        '--task',
        'caption',
        '--format',
        'txt',
        '--beams',
        '1',
        ...traps.map((name) => join(folder, name)),
      ],
      { environment: { FLOCAP_HOME: home } },
    )
    expect(again.code).toBe(1)
    // What the link leads to counts as a caption that is there.
    expect(again.stderr).toMatch(/skipped 1 \(have captions\), failed 3/)
    expect(again.stderr).toMatch(/to-a-folder\.txt could not be written: it is a folder/)
    expect(again.stderr).toMatch(/to-a-fifo\.txt could not be written: it is a FIFO/)
    expect(listing(outside)).toEqual(['victim.txt'])
    expect(readFileSync(join(outside, 'victim.txt'), 'utf8')).toBe('not to be touched')
    expect(lstatSync(join(folder, 'to-a-fifo.txt')).isFIFO()).toBe(true)
  })

  it('archives that lie: the right picture of each is captioned or the archive is named', async () => {
    const [folder, home] = [temporaryFolder(), temporaryFolder()]
    const archives = writeHostileArchives(folder)
    const before = listing(folder)
    const { code, stdout, stderr } = await runProgram(
      ['caption', '--task', 'caption', '--beams', '1', '--json', ...archives],
      { environment: { FLOCAP_HOME: home } },
    )
    expect(code).toBe(1)
    expect(stdout + stderr).not.toContain(PASSWD_LINE)
    expect(stdout + stderr).not.toMatch(/internal_error|^\s+at /m)
    expect(stderr).not.toMatch(RAW_CONTROL)
    // One without entries has nothing to be named for.
    for (const archive of archives.filter((path) => !path.endsWith('zeros.tar')))
      expect([archive, stdout + stderr]).toEqual([
        archive,
        expect.stringContaining(archive.split('/').at(-1)!),
      ])
    expect(listing(folder)).toEqual(before)
  })
})

describe('a review', () => {
  it('of a hostile folder, asked by strangers', async () => {
    const [folder, outside] = [temporaryFolder(), temporaryFolder()]
    fillHostileFolder(folder, outside)
    const review = await startReviewProgram(folder)
    const ask = async (path: string, init: RequestInit = {}, secret = review.secret) => {
      const headers = new Headers(init.headers)
      headers.set('authorization', `Bearer ${secret}`)
      return fetch(`${review.url}${path}`, {
        ...init,
        headers,
        signal: AbortSignal.timeout(30_000),
      })
    }
    const names = [
      '../victim.txt',
      '/etc/passwd',
      'passwd.png',
      'zero.png',
      'memory.png',
      'pipe.png',
      'a\0b',
      '',
      '__proto__',
      '.flocap/journal.jsonl',
      'folder.png',
      'x'.repeat(10_000),
    ]
    for (const name of names) {
      const response = await ask(`api/preview?name=${encodeURIComponent(name)}`)
      expect([name, response.status]).toEqual([
        name,
        expect.toSatisfy((status) => status >= 400 && status < 500),
      ])
      expect(await response.text()).not.toContain(PASSWD_LINE)
      const change = { name, before: '', after: 'owned' }
      const saved = await ask('api/captions', {
        method: 'POST',
        body: JSON.stringify({ changes: [change] }),
      })
      expect([name, saved.status < 600, await saved.text()]).toEqual([
        name,
        true,
        expect.not.stringMatching(/internal_error/),
      ])
    }
    const bodies = [
      '',
      '[]',
      'null',
      '{"changes":7}',
      '['.repeat(50_000),
      '{"__proto__":{}}',
      `{"changes":[${'{"name":"a","before":"","after":""},'.repeat(5_000)}{}]}`,
    ]
    for (const body of bodies) {
      for (const path of ['captions', 'locks', 'replacements']) {
        const { status } = await ask(`api/${path}`, { method: 'POST', body })
        expect([path, body.slice(0, 20), status]).toEqual([
          path,
          body.slice(0, 20),
          expect.toSatisfy((code) => code >= 400 && code < 500),
        ])
      }
    }
    const wanted = { names: ['-rf.png'], from: '(a+)+$', to: '$1'.repeat(1000), regex: true }
    expect(
      (await ask('api/replacements', { method: 'POST', body: JSON.stringify(wanted) })).status,
    ).toBeLessThan(500)
    for (const secret of ['', 'x', `${review.secret}x`, review.secret.toUpperCase()]) {
      expect((await ask('api/pictures', {}, secret)).status).toBe(401)
    }
    expect(
      (await ask('api/pictures', { headers: { origin: 'https://evil.example' } })).status,
    ).toBe(403)
    const pictures = await ask('api/pictures')
    expect([pictures.status, await pictures.text()]).toEqual([
      200,
      expect.stringContaining('-rf.png'),
    ])
    expect(listing(outside)).toEqual(['victim.txt'])
    expect(readFileSync(join(outside, 'victim.txt'), 'utf8')).toBe('not to be touched')
  })
})

describe('the tools on standard input', () => {
  it('outlive every line, and answer the next', async () => {
    const [root, home] = [temporaryFolder(), temporaryFolder()]
    writeFileSync(join(root, 'a.png'), PNG)
    symlinkSync('/etc/passwd', join(root, 'link.png'))
    symlinkSync('/proc/self/environ', join(root, 'environ.png'))
    symlinkSync('/', join(root, 'up'))
    makeFifo(join(root, 'pipe.png'))
    const child = spawn(process.execPath, [PROGRAM, 'mcp', '--mcp-root', root], {
      env: { ...process.env, FLOCAP_HOME: home },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const answerTo = async (id: number): Promise<string> => {
      for (;;) {
        const { value, done } = await lines.next()
        if (done === true) throw new Error('the tools ended')
        if (value.includes(`"id":${id},`) || value.includes(`"id":${id}}`)) return value
      }
    }
    const send = (message: string | Uint8Array): void => void child.stdin.write(message)
    const rpc = (id: number, method: string, params: unknown): string =>
      `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`
    send(
      rpc(1, 'initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'x', version: '1' },
      }),
    )
    await answerTo(1)
    send('{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
    const junk: (string | Uint8Array)[] = [
      '\n\n\n',
      'not JSON\n',
      Buffer.from('fffe80810a', 'hex'),
      'Content-Length: 20\r\n\r\n{}\n',
      `${'['.repeat(200_000)}\n`,
      '{"jsonrpc":"2.0","id":null,"method":"ping"}\n',
      '{"jsonrpc":"2.0","result":{},"id":77}\n',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{"a":1}}}\n',
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1e999}}\n',
      `{"jsonrpc":"2.0","id":5,"method":"ping","params":{"a":"${'x'.repeat(5_000_000)}"}}\n`,
      '\u0000\u0000\u0000\n',
      '"a text"\n7\nnull\ntrue\n[]\n',
    ]
    let id = 100
    for (const message of junk) {
      id += 1
      send(message)
      send(rpc(id, 'ping', {}))
      expect(await answerTo(id)).toContain('"result":{}')
    }
    const paths = [
      'link.png',
      'environ.png',
      'up/etc/passwd',
      'up/proc/self/environ',
      'pipe.png',
      '../a.png',
      '',
      '.',
      'a.png/',
      'a.png/..',
      'a.png\0',
    ]
    for (const path of paths) {
      id += 1
      send(rpc(id, 'tools/call', { name: 'read_text', arguments: { image: `${root}/${path}` } }))
      const answer = await answerTo(id)
      expect([path, answer]).toEqual([path, expect.stringContaining('"isError":true')])
      expect(answer).not.toContain(PASSWD_LINE)
      expect(answer).not.toMatch(/FLOCAP_HOME=|internal/)
    }
    id += 1
    send(
      rpc(id, 'tools/call', {
        name: 'caption_image',
        arguments: { images: [join(root, 'a.png')], detail: 'short' },
      }),
    )
    expect(await answerTo(id)).toContain(CAPTION)
  })
})

describe.skipIf(process.platform === 'win32')('models', () => {
  it('with odd names, links and FIFOs among them are listed without a trap', async () => {
    const home = temporaryFolder()
    await runProgram(['models'], { environment: { FLOCAP_HOME: home } })
    for (const inner of readdirSync(home, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isDirectory(),
    )) {
      const folder = join(inner.parentPath, inner.name)
      symlinkSync('..', join(folder, 'loop'))
      symlinkSync('/etc/passwd', join(folder, 'config.json'))
      makeFifo(join(folder, 'pipe'))
      mkdirSync(join(folder, 'escape\u001b[31m--..--evil'))
      writeFileSync(join(folder, 'new\nline'), '')
      writeFileSync(
        join(folder, 'manifest.json'),
        '{"__proto__":{},"graphs":{"vision":"../../../etc/passwd"}}',
      )
    }
    const { code, stdout, stderr } = await runProgram(['models'], {
      environment: { FLOCAP_HOME: home },
    })
    expect([code, stdout + stderr]).toEqual([0, expect.not.stringMatching(RAW_CONTROL)])
    expect(stdout + stderr).not.toContain(PASSWD_LINE)
    expect(stdout + stderr).not.toMatch(/^\s+at /m)
    const captioned = await runProgram(['caption', '--task', 'caption', '-'], {
      environment: { FLOCAP_HOME: home },
      input: PNG,
    })
    expect(captioned).toMatchObject({ code: 0, stdout: `${CAPTION}\n` })
  })
})
