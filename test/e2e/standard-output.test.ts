// A reader that has seen enough, and a disk that is full: what `flocap caption` does when standard
// output cannot be written.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const SAMPLES = fileURLToPath(new URL('../../models/flocap-demo/samples', import.meta.url))
/** Refuses every write for want of room; only Linux has it. */
const FULL = '/dev/full'

const home = createFolder()
afterAll(() => removeFolder(home))

function startCaptions(stdout: 'pipe' | number) {
  return spawn(process.execPath, [PROGRAM, 'caption', '--task', 'caption', SAMPLES], {
    env: { ...process.env, FLOCAP_HOME: home },
    stdio: ['ignore', stdout, 'pipe'],
  })
}

async function codeOf(child: ReturnType<typeof startCaptions>): Promise<number | null> {
  return new Promise((resolve) => child.once('close', resolve))
}

it('ends quietly when its reader goes', async () => {
  const child = startCaptions('pipe')
  child.stdout?.once('data', () => child.stdout?.destroy())
  const [code, stderr] = await Promise.all([codeOf(child), text(child.stderr!)])
  expect(stderr).not.toContain('EPIPE')
  expect(stderr).not.toContain('    at ')
  expect(code).toBe(0)
})

it.skipIf(!existsSync(FULL))('says that captions are lost, and fails', async () => {
  const full = openSync(FULL, 'w')
  const child = startCaptions(full)
  const [code, stderr] = await Promise.all([codeOf(child), text(child.stderr!)])
  closeSync(full)
  expect(stderr).toContain('Printing captions failed: the disk is full (ENOSPC).')
  expect(code).toBe(1)
})
