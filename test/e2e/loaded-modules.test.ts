// Who runs one server pays nothing for the queue: neither BullMQ nor a driver is loaded, whatever is asked of it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isOver, readBatch, submitBatch } from '../support/batch-client.ts'
import { startServerForTest } from '../support/program.ts'
import { readSample } from '../support/samples.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PRELOADED = new URL('../support/loaded-modules.mjs', import.meta.url).href
const OF_QUEUES = /\/node_modules\/(bullmq|ioredis|pg)\//

/** @returns modules of packages of queues that a server has loaded that has answered a caption, and a batch if it can */
async function loadedBy(args: readonly string[], answersBatches: boolean): Promise<string[]> {
  const home = temporaryFolder()
  const path = join(home, 'loaded.txt')
  writeFileSync(path, '')
  const server = await startServerForTest(args, {
    environment: {
      FLOCAP_HOME: home,
      LOADED_MODULES: path,
      NODE_OPTIONS: `--import ${PRELOADED}`,
    },
  })
  await server.printed('Ready')
  const image = readSample('scene-00.png')
  const caption = await fetch(`${server.url}/api/v1/caption`, { method: 'POST', body: image })
  expect(caption.status).toBe(200)
  if (answersBatches) {
    const endpoint = '/api/v1/caption'
    const body = { image: image.toString('base64') }
    const line = JSON.stringify({ custom_id: 'a', method: 'POST', url: endpoint, body })
    const id = await submitBatch(server.url, endpoint, [line])
    await expect.poll(async () => isOver(await readBatch(server.url, id))).toBe(true)
  }
  await server.stop('SIGTERM')
  const loaded = readFileSync(path, 'utf8').split('\n')
  expect(loaded.length).toBeGreaterThan(100)
  return loaded.filter((url) => OF_QUEUES.test(url))
}

it('a server without --queue loads nothing of a queue', async () => {
  expect(await loadedBy([], true)).toEqual([])
})

it('a server with --queue loads what its address asks for, and no other driver', async () => {
  const loaded = (await loadedBy(['--queue', 'redis://127.0.0.1:1'], false)).join('\n')
  expect(loaded).toContain('/node_modules/bullmq/')
  expect(loaded).toContain('/node_modules/ioredis/')
  expect(loaded).not.toContain('/node_modules/pg/')
})
