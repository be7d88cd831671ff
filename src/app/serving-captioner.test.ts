// Fairness from end to end: who is who over HTTP, and whose turn it is in front of the model.
import { request } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import { startTestServer } from '../../test/support/http-app.ts'
import { connectCaptioner } from '../client/remote-captioner.ts'
import { createModelCaptioner } from '../caption/model-captioner.ts'
import type { Priority } from '../caption/priority.ts'
import { silentLogger } from '../base/log.ts'
import { createMetrics } from '../base/metrics.ts'
import { createServingCaptioner } from './serving-captioner.ts'

const FLOOD = 40
/** Inside the model at once. */
const PLACES = 4

/** A client by its address or its key. */
interface Sender {
  readonly localAddress?: string
  readonly key?: string
  readonly priority?: Priority
}

/** A server whose model answers nothing until `open` is called. */
async function startHeldServer(maxQueue = 64, apiKeys: readonly string[] = []) {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const model = createFakeVisionModel({
    answers: { caption: { text: '</s><s>A car.</s>', pieces: [] } },
    delay: async () => opened,
  })
  const metrics = createMetrics()
  const { captioner, isFull, refusal } = createServingCaptioner(
    createModelCaptioner(model),
    model,
    { engines: 1, answerCacheMb: 0, background: 'white', maxQueue },
    metrics,
    silentLogger,
  )
  const server = await startTestServer({ captioner, refusal, settings: { apiKeys } })
  onTestFinished(async () => server.close())
  const order: string[] = []

  const pathFor = (priority: Priority = 'interactive'): string =>
    `${server.url}/api/v1/caption?task=caption&priority=${priority}`

  const ask = async (name: string, { localAddress, key, priority }: Sender): Promise<number> =>
    new Promise((resolve, reject) => {
      const outgoing = request(pathFor(priority), {
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
  const askMany = (name: string, count: number, sender: Sender): Promise<number>[] =>
    Array.from({ length: count }, async (_, index) => ask(`${name} ${index}`, sender))
  const waiting = (): number =>
    [...metrics.render().matchAll(/^flocap_queue_depth\{.*\} (\d+)$/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    )
  /** Announces a picture and sends nothing of it. */
  const announce = async (localAddress: string, priority?: Priority): Promise<number> =>
    new Promise((resolve, reject) => {
      const outgoing = request(pathFor(priority), {
        method: 'POST',
        localAddress,
        headers: { 'content-length': 1_000_000 },
      })
      outgoing.on('error', reject)
      outgoing.on('response', (incoming) => {
        resolve(incoming.statusCode ?? 0)
        outgoing.destroy()
      })
      outgoing.flushHeaders()
    })
  return { announce, askMany, isFull, metrics, open, order, url: server.url, waiting }
}

describe('a server that one client floods', () => {
  const cases: [what: string, greedy: Sender, modest: Sender, keys: string[]][] = [
    ['addresses', { localAddress: '127.0.0.1' }, { localAddress: '127.0.0.2' }, []],
    ['keys behind one address', { key: 'greedy' }, { key: 'modest' }, ['greedy', 'modest']],
  ]

  it.each(cases)('answers another at its turn, by %s', async (_, greedy, modest, keys) => {
    const { askMany, open, order, waiting } = await startHeldServer(64, keys)
    const flood = askMany('greedy', FLOOD, greedy)
    await expect.poll(waiting).toBe(FLOOD - PLACES)
    const others = askMany('modest', 3, modest)
    await expect.poll(waiting).toBe(FLOOD - PLACES + 3)
    open()
    expect(new Set(await Promise.all([...flood, ...others]))).toEqual(new Set([200]))
    // Those that ran already, then turn by turn: the third is the tenth or so.
    expect(order.indexOf('modest 2')).toBeLessThan(FLOOD / 2)
  })

  it('refuses the flood, not the other client, when the queue is full', async () => {
    const { askMany, open, order, waiting } = await startHeldServer(10)
    const flood = askMany('greedy', FLOOD, { localAddress: '127.0.0.1' })
    await expect.poll(() => order.length).toBe(FLOOD - PLACES - 10)
    expect(waiting()).toBe(10)
    const others = askMany('modest', 1, { localAddress: '127.0.0.2' })
    await expect.poll(() => order.length).toBe(FLOOD - PLACES - 10 + 1)
    open()
    expect(await Promise.all(others)).toEqual([200])
    const refused = (await Promise.all(flood)).filter((status) => status === 503)
    expect(refused).toHaveLength(FLOOD - PLACES - 10 + 1)
  })

  it('does not read what it will refuse', async () => {
    const { announce, askMany, open, waiting } = await startHeldServer(10)
    const flood = askMany('greedy', PLACES + 10, { localAddress: '127.0.0.1' })
    await expect.poll(waiting).toBe(10)
    expect(await announce('127.0.0.1')).toBe(503)
    // A person elsewhere would be let in; bulk from there is not.
    expect(await announce('127.0.0.2', 'bulk')).toBe(503)
    open()
    expect(new Set(await Promise.all(flood))).toEqual(new Set([200]))
  })
})

describe('a server that works through a folder', () => {
  it('answers people first, also those who ask from the same machine', async () => {
    const { askMany, isFull, metrics, open, order, waiting } = await startHeldServer(10)
    const bulk = askMany('bulk', PLACES + 10, { localAddress: '127.0.0.1', priority: 'bulk' })
    await expect.poll(waiting).toBe(10)
    expect(isFull()).toBe(false)
    const people = [
      ...askMany('person', 3, { localAddress: '127.0.0.1' }),
      ...askMany('person elsewhere', 2, { localAddress: '127.0.0.2' }),
    ]
    // Those of bulk that came last have made room.
    await expect.poll(() => order.length).toBe(5)
    expect(metrics.render()).toContain('flocap_queue_depth{priority="interactive"} 5\n')
    expect(metrics.render()).toContain('flocap_queue_depth{priority="bulk"} 5\n')
    open()
    expect(await Promise.all(people)).toEqual([200, 200, 200, 200, 200])
    const statuses = await Promise.all(bulk)
    expect(statuses.filter((status) => status === 503)).toHaveLength(5)
    const later = order.slice(5 + PLACES)
    expect(later.findLastIndex((name) => name.startsWith('person'))).toBeLessThan(2 * PLACES)
    expect(metrics.render()).toMatch(/^flocap_queue_wait_seconds_count\{priority="bulk"\} 9$/m)
  })

  it('is asked so by the command', async () => {
    const { metrics, open, url } = await startHeldServer(10)
    open()
    const question = { picture: Buffer.from('a picture'), task: 'caption' } as const
    const folder = await connectCaptioner({ url, priority: 'bulk' })
    await folder.caption(question)
    expect(metrics.render()).toContain('flocap_queue_wait_seconds_count{priority="bulk"} 1\n')
    const person = await connectCaptioner({ url })
    await person.caption(question)
    await folder.caption(question, { priority: 'interactive' })
    expect(metrics.render()).toMatch(
      /^flocap_queue_wait_seconds_count\{priority="interactive"\} 2$/m,
    )
  })
})
