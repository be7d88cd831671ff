// Fairness from end to end: who is who over HTTP, and whose turn it is in front of the model.
import { request } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import { startTestServer } from '../../test/support/http-app.ts'
import { createMetrics } from '../base/metrics.ts'
import { createServingCaptioner } from './serving-captioner.ts'

const RUN_MS = 10
const FLOOD = 40
/** Of the flood: what is inside the model already when the other client comes. */
const PLACES = 4

/** A client by its address or its key. */
interface Sender {
  readonly localAddress?: string
  readonly key?: string
}

async function startFairServer(maxQueue = 64, apiKeys: readonly string[] = []) {
  const model = createFakeVisionModel({
    answers: { caption: { text: '</s><s>A car.</s>', pieces: [] } },
    delay: async () => new Promise((resolve) => setTimeout(resolve, RUN_MS)),
  })
  const settings = { answerCacheMb: 0, maxQueue }
  const { captioner } = createServingCaptioner(model, settings, createMetrics())
  const server = await startTestServer({ captioner, settings: { apiKeys } })
  onTestFinished(async () => server.close())
  const order: string[] = []

  const ask = async (name: string, { localAddress, key }: Sender): Promise<number> =>
    new Promise((resolve, reject) => {
      const outgoing = request(`${server.url}/api/v1/caption?task=caption`, {
        method: 'POST',
        ...(localAddress === undefined ? {} : { localAddress }),
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      })
      outgoing.on('error', reject)
      outgoing.on('response', (incoming) => {
        incoming.resume()
        incoming.on('end', () => {
          order.push(name)
          resolve(incoming.statusCode ?? 0)
        })
      })
      // Each a picture of its own, so that none is answered together with another.
      outgoing.end(`picture of ${name}`)
    })
  return { captioner, model, ask, order }
}

describe('a server that one client floods', () => {
  const cases: [what: string, greedy: Sender, modest: Sender, keys: string[]][] = [
    ['addresses', { localAddress: '127.0.0.1' }, { localAddress: '127.0.0.2' }, []],
    ['keys behind one address', { key: 'greedy' }, { key: 'modest' }, ['greedy', 'modest']],
  ]

  it.each(cases)(
    'answers another at its turn, told apart by %s',
    async (_, greedy, modest, keys) => {
      const { model, ask, order } = await startFairServer(64, keys)
      const flood = Array.from({ length: FLOOD }, async (__, index) => ask(`g${index}`, greedy))
      await expect.poll(() => model.running).toBe(PLACES)
      const others = ['m0', 'm1', 'm2'].map(async (name) => ask(name, modest))
      const statuses = await Promise.all([...flood, ...others])
      expect(new Set(statuses)).toEqual(new Set([200]))
      // Three turns after those that run: long before the flood is over.
      const last = Math.max(...['m0', 'm1', 'm2'].map((name) => order.indexOf(name)))
      expect(last).toBeLessThan(FLOOD / 2)
    },
  )

  it('refuses the flood, not the other client, when the queue is full', async () => {
    const { model, ask } = await startFairServer(10)
    const flood = Array.from({ length: FLOOD }, async (_, index) =>
      ask(`g${index}`, { localAddress: '127.0.0.1' }),
    )
    await expect.poll(() => model.running).toBe(PLACES)
    const other = await ask('m', { localAddress: '127.0.0.2' })
    expect(other).toBe(200)
    expect(await Promise.all(flood)).toContain(503)
  })
})
