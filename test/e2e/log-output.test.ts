// A log that cannot be written, since its disk is full or its terminal is gone, stops neither the server nor its
// end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PROGRAM } from '../support/program.ts'
import { readSample } from '../support/samples.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Every write to it fails as on a full disk. */
const FULL = '/dev/full'

async function ready(url: string): Promise<boolean> {
  return (await fetch(`${url}/ready`).catch(() => undefined))?.ok ?? false
}

it.skipIf(!existsSync(FULL))('a server whose log is on a full disk answers, and ends', async () => {
  const port = await freePort()
  const full = openSync(FULL, 'w')
  const server = spawn(process.execPath, [PROGRAM, 'serve', '--port', `${port}`], {
    env: { ...process.env, FLOCAP_HOME: temporaryFolder() },
    stdio: ['ignore', 'ignore', full],
  })
  closeSync(full)
  onTestFinished(() => void server.kill('SIGKILL'))
  const ended = once(server, 'exit')
  const url = `http://127.0.0.1:${port}`
  await expect.poll(() => ready(url), { timeout: 60_000 }).toBe(true)
  for (let request = 0; request < 3; request += 1) {
    const body = readSample(`scene-0${request}.png`)
    const response = await fetch(`${url}/api/v1/caption`, { method: 'POST', body })
    expect(response.status).toBe(200)
    // Its line is written meanwhile.
    await sleep(200)
  }
  const last = await fetch(`${url}/api/v1/caption`, {
    method: 'POST',
    body: readSample('scene-03.png'),
  })
  expect(last.status).toBe(200)
  server.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})
