// The built program's workers of a queue.
import { type ChildProcess, spawn } from 'node:child_process'
import { expect, onTestFinished } from 'vitest'
import { PROGRAM } from './program.ts'

/** Ended with the test. @param queue address of the broker @returns once it takes lines */
export async function startWorkerForTest(queue: string, home: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, 'worker', '--queue', queue, '--engines', '1'], {
    env: { ...process.env, FLOCAP_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let written = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    written += chunk
  })
  await expect.poll(() => written, { timeout: 60_000 }).toContain('Working for ')
  return child
}
