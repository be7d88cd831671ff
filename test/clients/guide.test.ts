// The examples of docs/guide/curl-python-javascript.md, run as they are written.
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PNG } from '../support/pictures.ts'
import { CAPTION, useLiveServers } from './live-server.ts'

const run = promisify(execFile)
const start = useLiveServers()

const GUIDE = readFileSync(
  new URL('../../docs/guide/curl-python-javascript.md', import.meta.url),
  'utf8',
)

function blocks(language: string): string[] {
  return [...GUIDE.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(
    ([, code = '']) => code,
  )
}

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'])
    return true
  } catch {
    return false
  }
}

describe('the guide', () => {
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flocap-guide-'))
    for (const name of ['photo.jpg', 'a.jpg', 'b.png']) await writeFile(join(folder, name), PNG)
  })

  afterAll(() => rm(folder, { recursive: true }))

  /** Runs an example against a server of this test; gives what it printed. */
  async function execute(program: string, args: readonly string[], code: string) {
    const { url } = await start()
    const here = code.replaceAll('http://127.0.0.1:5000', url)
    const { stdout } = await run(program, [...args, here], { cwd: folder })
    return stdout
  }

  it.skipIf(!has('curl')).each(blocks('sh'))('shows a command that works: %s', async (code) => {
    const printed = await execute(
      'bash',
      ['-euc'],
      code.replaceAll('curl ', 'curl -sS --fail-with-body '),
    )
    const drawn = code.includes('boxes.svg')
      ? readFileSync(join(folder, 'boxes.svg'), 'utf8')
      : printed
    expect(drawn).toMatch(/A dog runs over a meadow\.|^<svg/)
  })

  it.skipIf(!has('python3'))('shows Python that works without packages', async () => {
    const [plain = ''] = blocks('python')
    expect(await execute('python3', ['-c'], plain)).toBe(`${CAPTION}\n`)
  })

  it('shows JavaScript that works', async () => {
    const [plain = ''] = blocks('js')
    expect(await execute('node', ['--input-type=module', '-e'], plain)).toContain("label: 'car'")
  })
})
