// `flocap review` as its users start it: the built program, on a free port.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { PROGRAM } from './program.ts'

export interface ReviewProgram {
  /** As it was printed, secret included. */
  readonly address: string
  /** Without the secret, with a slash at the end. */
  readonly url: string
  readonly secret: string
  readonly pid: number
}

/** Stopped when the current test ends. */
export async function startReviewProgram(
  folder: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<ReviewProgram> {
  const child = spawn(process.execPath, [PROGRAM, 'review', folder, ...args], {
    env: { ...process.env, ...environment },
  })
  const closed = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await closed
  })
  child.stdout.setEncoding('utf8')
  let written = ''
  for await (const chunk of child.stdout) {
    written += String(chunk)
    if (written.includes('\n')) break
  }
  const address = written.trim()
  const [url = '', secret = ''] = address.split('#')
  return { address, url, secret, pid: child.pid ?? 0 }
}
