// The built program as its users run it: a process of its own, from dist/.
import { type ChildProcess, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** Gives it that environment alone: libraries behave otherwise where `CI` is set. */
  readonly bare?: boolean
  /** For standard input. */
  readonly input?: Uint8Array
  /** Milliseconds to wait for its end. */
  readonly patienceMs?: number
}

function start(args: readonly string[], { environment = {}, bare }: RunOptions): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], {
    env: bare ? environment : { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

/** Below the limit of a test: a program that hangs shows what it has said so far. */
const PATIENCE_MS = 100_000

/** Runs the program to its end. */
export async function runProgram(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const child = start(args, options)
  child.stdin!.end(options.input)
  let hangs = false
  const timer = setTimeout(() => {
    hangs = true
    child.kill('SIGKILL')
  }, options.patienceMs ?? PATIENCE_MS)
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    ended,
  ])
  clearTimeout(timer)
  if (hangs) throw new Error(`flocap ${args.join(' ')} hangs after:\n${stdout}${stderr}`)
  return { code, stdout, stderr }
}

export interface RunningServer {
  /** The first address it printed. */
  readonly url: string
  readonly child: ChildProcess
  /** What it has written to standard error so far. */
  stderr(): string
  /** Waits for `text` on standard error. */
  printed(text: string): Promise<void>
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** A server on a free port, stopped when the test (or the suite's hook) ends. */
export async function startServer(
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<RunningServer> {
  const child = start(['serve', '--port', '0', ...args], options)
  let written = ''
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
    written += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const printed = async (wanted: string): Promise<void> => {
    while (!written.includes(wanted)) {
      const more = new Promise<'more'>((resolve) =>
        child.stderr!.once('data', () => resolve('more')),
      )
      const event = await Promise.race([more, ended])
      if (event !== 'more' && !written.includes(wanted)) {
        throw new Error(`the server ended:\n${written}`)
      }
    }
  }
  await printed('Press Ctrl-C')
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(written)?.[0]
  if (!url) throw new Error(`no address in:\n${written}`)
  return {
    url,
    child,
    stderr: () => written,
    printed,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

/** As `startServer`, stopped when the current test ends. */
export async function startServerForTest(
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<RunningServer> {
  const server = await startServer(args, options)
  onTestFinished(async () => {
    await server.stop('SIGKILL')
  })
  return server
}
