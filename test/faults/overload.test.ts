// Twenty times what fits: what is admitted is answered, the rest is told when to come back, and a
// second client is not shut out.
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { askCaption, readMetrics, SCENES } from '../support/ask-server.ts'
import { startServerForTest } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { percentile, recordResult, share } from './record-result.ts'

const MAX_QUEUE = 16
const PLACES = 4

it('stays in order under twenty times its load', async () => {
  const server = await startServerForTest(
    ['--answer-cache-mb', '0', '--max-queue', String(MAX_QUEUE)],
    { environment: { FLOCAP_HOME: temporaryFolder() } },
  )
  await server.printed('Ready')
  const { url } = server
  const requests = share(20 * (MAX_QUEUE + PLACES))
  // Each a question of its own, so that none is answered together with another.
  const flood = Array.from({ length: requests }, async (_, index) =>
    askCaption(url, SCENES[index % SCENES.length]!, {
      query: `task=caption&max_new_tokens=${10 + Math.floor(index / SCENES.length)}`,
    }),
  )
  await delay(200)
  const modest = [1, 2, 3].map(async (index) =>
    askCaption(url, SCENES[index]!, { localAddress: '127.0.0.2', query: 'task=detailed_caption' }),
  )
  const state = { flooded: true }
  const finished = Promise.all(flood).finally(() => {
    state.flooded = false
  })
  const health: number[] = []
  while (state.flooded) {
    const began = performance.now()
    await (await fetch(`${url}/health`)).arrayBuffer()
    health.push(performance.now() - began)
    await delay(10)
  }
  const answers = await finished
  const others = await Promise.all(modest)
  const refused = answers.filter(({ status }) => status === 503)
  const answered = answers.filter(({ status }) => status === 200)
  const depth = (await readMetrics(url)).get('flocap_queue_depth')
  recordResult({
    name: 'overload',
    done: `${requests} requests at once with room for ${MAX_QUEUE + PLACES}, and 3 of another client`,
    numbers: {
      answered: answered.length,
      refused: refused.length,
      'of the other client answered': others.filter(({ status }) => status === 200).length,
      '/health p50 (ms)': percentile(health, 0.5),
      '/health p99 (ms)': percentile(health, 0.99),
    },
  })
  expect(answered.length + refused.length).toBe(requests)
  expect(answered.length).toBeGreaterThanOrEqual(Math.min(requests, MAX_QUEUE))
  for (const { retryAfter } of refused) expect(Number(retryAfter)).toBeGreaterThan(0)
  expect(others.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(depth).toBe(0)
  expect((await askCaption(url, SCENES[0]!)).status).toBe(200)
})
