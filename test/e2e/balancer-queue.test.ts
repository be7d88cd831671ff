// What deploy/haproxy.cfg does with requests, before stand-ins whose answers the test holds back: who goes
// first, what is sent elsewhere, what passes while others wait. Skipped where HAProxy is not installed.
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Balancer, HAS_HAPROXY, startHaproxy } from '../support/haproxy.ts'
import { portOf } from '../support/port-of.ts'
import { PLACES_OF_EACH } from '../support/replicas.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** More than have places at once. */
const MANY = 10 * PLACES_OF_EACH
/** As the configuration says. */
const MAX_QUEUE = 500

type Handle = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** A server that is ready, and answers all else as the test says. */
async function startStandIn(handle: Handle): Promise<number> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume()
    if (incoming.url === '/ready') outgoing.end('{}')
    else handle(incoming, outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return portOf(server)
}

async function balance(...handles: Handle[]): Promise<Balancer> {
  const ports = await Promise.all(handles.map(startStandIn))
  const balancer = await startHaproxy(ports, temporaryFolder())
  onTestFinished(async () => balancer.stop())
  for (const index of ports.keys()) await balancer.isUp(index + 1)
  return balancer
}

/** Requests in the order in which they came to the stand-in, each answered when the test says so. */
function createHeld() {
  const order: string[] = []
  const waiting: ServerResponse[] = []
  return {
    order,
    handle: (incoming: IncomingMessage, outgoing: ServerResponse): void => {
      order.push(String(incoming.headers['x-name']))
      waiting.push(outgoing)
    },
    /** Answers what is there, again and again until nothing has come for a while. */
    async release(total: number): Promise<void> {
      await expect
        .poll(() => {
          for (const outgoing of waiting.splice(0)) outgoing.end('answered')
          return order.length
        })
        .toBe(total)
      for (const outgoing of waiting.splice(0)) outgoing.end('answered')
    },
  }
}

interface Asked {
  readonly name?: string
  /** Of this machine, to stand for another client. */
  readonly from?: string
  readonly path?: string
  readonly method?: string
}

async function ask(
  url: string,
  { name = '', from = '127.0.0.1', path = '/api/v1/caption', method = 'POST' }: Asked,
) {
  const outgoing = request(url + path, {
    method,
    headers: { 'x-name': name },
    localAddress: from,
    agent: false,
  }).end(method === 'POST' ? 'a picture' : undefined)
  const [incoming]: IncomingMessage[] = await once(outgoing, 'response')
  if (incoming === undefined) throw new TypeError('A response comes with its event.')
  const { statusCode: status = 0, headers } = incoming
  return { status, retryAfter: headers['retry-after'], body: await text(incoming) }
}

const queued = async (balancer: Balancer): Promise<number> =>
  balancer.sum('haproxy_backend_current_queue', { proxy: 'captions' })

describe.skipIf(!HAS_HAPROXY)('the balancer', () => {
  it('gives a server as many requests as it has places, and lets clients take turns', async () => {
    const held = createHeld()
    const balancer = await balance(held.handle)
    const many = Array.from({ length: MANY }, async () =>
      ask(balancer.url, { name: 'many', from: '127.0.0.2' }),
    )
    await expect.poll(async () => held.order.length + (await queued(balancer))).toBe(MANY)
    const one = ask(balancer.url, { name: 'one', from: '127.0.0.3' })
    await expect.poll(async () => held.order.length + (await queued(balancer))).toBe(MANY + 1)
    // While it comes in slowly a server gets fewer.
    expect(held.order.length).toBeLessThanOrEqual(PLACES_OF_EACH)
    await held.release(MANY + 1)
    expect((await one).status).toBe(200)
    expect(new Set((await Promise.all(many)).map(({ status }) => status))).toEqual(new Set([200]))
    // Behind the first ones of the client that came before, before nearly all of the others.
    expect(held.order.indexOf('one')).toBeLessThan(2 * PLACES_OF_EACH)
  })

  it('lets people go before bulk', async () => {
    const held = createHeld()
    const balancer = await balance(held.handle)
    const path = '/api/v1/caption?priority=bulk'
    const bulk = Array.from({ length: MANY }, async () => ask(balancer.url, { name: 'bulk', path }))
    await expect.poll(async () => held.order.length + (await queued(balancer))).toBe(MANY)
    const people = Array.from({ length: 3 }, async () => ask(balancer.url, { name: 'person' }))
    await expect.poll(async () => held.order.length + (await queued(balancer))).toBe(MANY + 3)
    await held.release(MANY + 3)
    await Promise.all([...bulk, ...people])
    // Only what had begun before they came, and one that HAProxy may have been taking out of its queue just then.
    expect(held.order.lastIndexOf('person')).toBeLessThan(PLACES_OF_EACH + 4)
  })

  it('answers questions while pictures wait, and refuses more than can be answered', async () => {
    const held = createHeld()
    const balancer = await balance((incoming, outgoing) => {
      if (incoming.method === 'GET') outgoing.end('models')
      else held.handle(incoming, outgoing)
    })
    const waiting = Array.from({ length: MAX_QUEUE + PLACES_OF_EACH }, async () =>
      ask(balancer.url, {}),
    )
    await expect.poll(async () => queued(balancer)).toBeGreaterThanOrEqual(MAX_QUEUE)
    const question = await ask(balancer.url, { method: 'GET', path: '/v1/models' })
    expect(question).toMatchObject({ status: 200, body: 'models' })
    const refused = await ask(balancer.url, {})
    expect(refused).toMatchObject({ status: 503, retryAfter: '30' })
    expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'queue_full' } })
    await held.release(MAX_QUEUE + PLACES_OF_EACH)
    expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(
      new Set([200]),
    )
  })

  it('sends elsewhere what a server refuses with 503', async () => {
    let refused = 0
    const balancer = await balance(
      (_, outgoing) => {
        refused += 1
        outgoing.writeHead(503, { 'retry-after': '5' }).end('busy')
      },
      (_, outgoing) => void outgoing.end('answered'),
    )
    for (let turn = 0; turn < 10; turn += 1) {
      expect(await ask(balancer.url, {})).toMatchObject({ status: 200, body: 'answered' })
    }
    expect(refused).toBeGreaterThan(0)
  })

  it('passes on a refusal of all servers, with its Retry-After', async () => {
    const refuse: Handle = (_, outgoing) =>
      void outgoing.writeHead(503, { 'retry-after': '7' }).end('busy')
    const balancer = await balance(refuse, refuse)
    expect(await ask(balancer.url, {})).toEqual({ status: 503, retryAfter: '7', body: 'busy' })
  })

  it('passes on each word of a stream before the next one is written', async () => {
    const words: ServerResponse[] = []
    const balancer = await balance((_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.write('data: 0\n\n')
      words.push(outgoing)
    })
    const outgoing = request(balancer.url, { method: 'POST', agent: false }).end('a picture')
    const [incoming]: IncomingMessage[] = await once(outgoing, 'response')
    for (let word = 0; word < 5; word += 1) {
      const [data]: Buffer[] = await once(incoming!, 'data')
      expect(String(data)).toBe(`data: ${word}\n\n`)
      words[0]!.write(`data: ${word + 1}\n\n`)
    }
    incoming!.destroy()
  })
})
