// A newcomer who types what README.md and the guides say, word for word, in a copy of this clone, with an
// empty home, no network, and FloCap's own port. What is shown as output in README.md is compared.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { commandsOf, type DocumentCommand } from '../support/document-commands.ts'
import { ROOT } from '../support/installed-package.ts'
import { PROGRAM } from '../support/program.ts'
import { samplePath } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'
import { ENDS, NOT_HERE, STAYS } from './newcomer-plan.ts'

const DOCUMENTS = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs', 'guide')).map((file) => `docs/guide/${file}`),
]
/** Below the limit of a test. */
const PATIENCE_MS = 100_000

const ALL = DOCUMENTS.flatMap(commandsOf)
/** The same command in several documents is tried once, in the first. */
const DIFFERENT = ALL.filter(
  ({ command }, at) => ALL.findIndex((other) => other.command === command) === at,
)

const rowFor = <Row extends readonly [RegExp, ...unknown[]]>(
  rows: readonly Row[],
  { command }: DocumentCommand,
): Row | undefined => rows.find(([pattern]) => pattern.test(command))

const isElsewhere = (command: DocumentCommand): boolean => rowFor(NOT_HERE, command) !== undefined
const ENDING = DIFFERENT.filter((each) => !isElsewhere(each) && rowFor(ENDS, each) !== undefined)
const STAYING = DIFFERENT.filter(
  (each) =>
    !isElsewhere(each) && rowFor(ENDS, each) === undefined && rowFor(STAYS, each) !== undefined,
)

describe('the plan', () => {
  it('speaks of every command', () => {
    const known = [...ENDS, ...STAYS, ...NOT_HERE]
    expect(ALL.filter((each) => rowFor(known, each) === undefined)).toEqual([])
    expect(ALL.length).toBeGreaterThan(60)
  })

  it('has no row that nothing needs', () => {
    const isNeeded = ([pattern]: readonly [RegExp, ...unknown[]]): boolean =>
      ALL.some(({ command }) => pattern.test(command))
    expect([...ENDS, ...STAYS, ...NOT_HERE].filter((row) => !isNeeded(row))).toEqual([])
  })
})

/** What a newcomer's terminal is made of; none of it is on Windows and macOS. */
const NEEDED: readonly (readonly [program: string, ...args: string[]])[] = [
  ['unshare', '-n', 'ip', 'link', 'set', 'lo', 'up'],
  ['tmux', '-V'],
  ['curl', '--version'],
]
const missing = NEEDED.filter(([program, ...args]) => spawnSync(program, args).status !== 0)
const REASON =
  missing.length === 0
    ? ''
    : ` (skipped: cannot run ${missing.map((words) => `'${words.join(' ')}'`).join(', ')})`

/** A network of its own, in which port 5000 is free and nothing else can be reached. */
const network =
  missing.length > 0
    ? undefined
    : spawn('unshare', ['-n', 'sh', '-c', 'ip link set lo up && echo up && exec sleep 600'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
const home = createFolder()
afterAll(() => {
  network?.kill('SIGKILL')
  removeFolder(home)
})

describe.skipIf(network === undefined)(`a newcomer${REASON}`, () => {
  const clone = join(home, 'flocap')
  const work = join(home, 'work')
  const bin = join(home, 'bin')
  const environment = {
    HOME: join(home, 'user'),
    PATH: [bin, dirname(process.execPath), '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(
      delimiter,
    ),
    LANG: 'C.UTF-8',
  }

  beforeAll(async () => {
    await new Promise((resolve) => network?.stdout?.once('data', resolve))
    for (const folder of [clone, work, bin, environment.HOME]) mkdirSync(folder)
    for (const path of ['src', 'web', 'tools', 'package.json', 'package-lock.json', '.npmrc']) {
      cpSync(join(ROOT, path), join(clone, path), { recursive: true })
    }
    for (const path of ['tsconfig.json', 'tsconfig.build.json'])
      cpSync(join(ROOT, path), join(clone, path))
    for (const path of ['node_modules', 'models']) symlinkSync(join(ROOT, path), join(clone, path))
    // As `npm link` does.
    chmodSync(PROGRAM, 0o755)
    symlinkSync(PROGRAM, join(bin, 'flocap'))
    layOutPictures(work)
  })

  /** Each command finds the pictures as its guide has them: without captions. */
  const removeCaptions = (): void => {
    rmSync(work, { recursive: true })
    mkdirSync(work)
    layOutPictures(work)
  }

  const inside = (command: string, cwd: string): ChildProcess =>
    spawn('nsenter', ['-t', String(network?.pid), '-n', 'sh', '-c', command], {
      cwd,
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })

  /** README's are typed in the clone, the guides' where the pictures are. */
  const folderOf = ({ document, command }: DocumentCommand): string =>
    document === 'README.md' || command.startsWith('npm') ? clone : work

  interface Started {
    readonly printed: (sign: RegExp) => Promise<void>
    readonly ended: Promise<number | null>
    readonly text: () => string
    readonly end: () => Promise<void>
  }

  function start(command: DocumentCommand): Started {
    const child = inside(command.command, folderOf(command))
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
    }
    let hasEnded = false
    const ended = new Promise<number | null>((resolve) => {
      child.on('close', (code) => {
        hasEnded = true
        resolve(code)
      })
    })
    return {
      ended,
      text: () => text,
      printed: async (sign) => {
        const look = (): void => {
          if (!hasEnded && !sign.test(text)) throw new Error(`Expected ${sign} in:\n${text}`)
        }
        await vi.waitFor(look, { timeout: PATIENCE_MS, interval: 20 })
        if (!sign.test(text)) throw new Error(`${command.command} ended:\n${text}`)
      },
      end: async () => {
        // To all that the shell has started.
        if (child.pid !== undefined && !hasEnded) process.kill(-child.pid, 'SIGINT')
        await ended
      },
    }
  }

  const START: DocumentCommand = { document: 'docs', command: 'flocap', shown: [] }

  it.each(STAYING)('$document: $command', async (command) => {
    const staying = start(command)
    try {
      const [, sign, file] = rowFor(STAYS, command)!
      if (file !== undefined) await expect.poll(() => existsSync(join(work, file))).toBe(true)
      else await staying.printed(sign)
      if (command.document === 'README.md') {
        for (const line of command.shown) expect(staying.text()).toContain(line.slice(0, 46))
      }
      await staying.end()
      expect(staying.text()).toMatch(sign)
    } finally {
      await staying.end()
    }
  })

  describe('with FloCap in another terminal', () => {
    let server: Started
    beforeAll(async () => {
      server = start(START)
      await server.printed(/Ready/)
    })
    afterAll(async () => server.end())

    it.each(ENDING)('$document: $command', async (command) => {
      removeCaptions()
      const run = start(command)
      expect(await run.ended, run.text()).toBe(0)
      expect(run.text()).toMatch(rowFor(ENDS, command)![1])
      if (command.document === 'README.md') {
        for (const line of command.shown) expect(run.text()).toContain(line)
      }
      const [, written] = / -o (\S+)/.exec(command.command) ?? []
      if (written !== undefined) expect(readFileSync(join(work, written), 'utf8')).toContain('<svg')
    })
  })

  it('reads on a terminal where to go, and then a line for the caption', async () => {
    const socket = join(home, 'tmux')
    const tmux = (...args: string[]): string =>
      execFileSync('nsenter', ['-t', String(network?.pid), '-n', 'tmux', '-S', socket, ...args], {
        env: environment,
        cwd: work,
        encoding: 'utf8',
      })
    tmux('-f', '/dev/null', 'new-session', '-d', '-x', '100', '-y', '30', 'flocap')
    onTestFinished(() => void tmux('kill-server'))
    const screen = (): string => tmux('capture-pane', '-p', '-J')
    await expect.poll(screen, { timeout: PATIENCE_MS }).toMatch(/Ready/)
    expect(screen()).toContain('FloCap captions images at http://127.0.0.1:5000')
    expect(screen()).toMatch(/demo model, which only recognises drawn scenes/)
    expect(screen()).not.toContain('{"')
    const [curl] = ENDING.filter(({ document }) => document === 'README.md')
    expect(await start(curl!).ended).toBe(0)
    await expect.poll(screen).toMatch(/scene|\d+ ms.*words|words/)
  })
})

/** What the guides speak of, made of the samples. */
function layOutPictures(folder: string): void {
  const put = (sample: string, ...path: string[]): void => {
    mkdirSync(dirname(join(folder, ...path)), { recursive: true })
    cpSync(samplePath(sample), join(folder, ...path))
  }
  for (const name of ['photo.jpg', 'photo.png', 'a.jpg', 'shard.png']) put('scene-03.png', name)
  for (const name of ['scene.png', 'b.png']) put('scene-05.png', name)
  for (const name of ['photos', 'training', 'training/train', 'images', 'pictures', 'inbox']) {
    put('scene-03.png', name, `${name.replace('/', '-')}.png`)
  }
  // The message that docs/guide/mcp.md shows.
  writeFileSync(
    join(folder, 'request.json'),
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  )
  mkdirSync(join(folder, 'shards'))
  execFileSync('tar', ['cf', join(folder, 'shards', '0000.tar'), '-C', folder, 'shard.png'])
}
