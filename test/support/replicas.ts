// Equal servers behind a balancer that are killed and told to stop while clients ask, and what the
// clients got.
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { askCaption, SCENES } from './ask-server.ts'
import { type Balancer, freePort, startHaproxy } from './haproxy.ts'
import { type RunningServer, startServer } from './program.ts'
import { parseEvents } from './streams.ts'

export const REPLICAS = 3
/** Requests that each is given at once: `maxconn` of deploy/haproxy.cfg. */
export const PLACES_OF_EACH = 4
/** Seconds; HAProxy looks every second, and twice. */
const DRAIN = 4
/** More than three servers work on, so that some always wait in the balancer. */
const SMALL_CLIENTS = 12
const LARGE_CLIENTS = 2
const STREAMING_CLIENTS = 4
/** Beyond HAProxy's buffer: such a request is not kept for a second server. */
const LARGE_BYTES = 2 * 1024 * 1024
/** Of calm between one server's return and the next one's end. */
const CALM_MS = 500

export type Ending = 'kill' | 'drain'

export interface ReplicaResult {
  readonly answers: number
  /** Small requests, which HAProxy can send again, with another status than 200 or another text. */
  readonly lost: readonly string[]
  /** Large requests that a killed server had begun: each was told so by 502. */
  readonly largeTold: number
  /** Large requests that ended in any other way than 200 or that 502. */
  readonly largeLost: readonly string[]
  readonly streams: number
  /** Streams that ended with an error, as a stream does that is cut off. */
  readonly streamsBroken: number
  /** Streams that ended as if they were whole, and were not; or began with another status than 200. */
  readonly streamsLost: readonly string[]
  /** Requests that HAProxy sent to another server. */
  readonly redispatched: number
}

interface Replica {
  readonly port: number
  server: RunningServer
}

async function startReplica(port: number, home: string): Promise<RunningServer> {
  const args = ['--port', String(port), '--answer-cache-mb', '0', '--threads', '1']
  const server = await startServer([...args, '--drain', String(DRAIN)], {
    environment: { FLOCAP_HOME: home },
  })
  await server.printed('Ready')
  return server
}

export interface Replicas {
  readonly balancer: Balancer
  /** Ends servers by turns, each in the way that is said, and starts each again. */
  endInTurn(endings: readonly Ending[]): Promise<ReplicaResult>
  stop(): Promise<void>
}

/** Three servers with one home behind HAProxy. @param folder for the home and the configuration */
export async function startReplicas(folder: string): Promise<Replicas> {
  const replicas: Replica[] = []
  // One after the other: the first compiles the model.
  for (let index = 0; index < REPLICAS; index += 1) {
    const port = await freePort()
    replicas.push({ port, server: await startReplica(port, folder) })
  }
  const ports = replicas.map(({ port }) => port)
  const balancer = await startHaproxy(ports, folder)
  for (const index of ports.keys()) await balancer.isUp(index + 1)
  return {
    balancer,
    endInTurn: async (endings) => endInTurn(replicas, balancer, endings, folder),
    async stop() {
      await balancer.stop()
      await Promise.all(replicas.map(async ({ server }) => server.stop('SIGKILL')))
    },
  }
}

async function endInTurn(
  replicas: readonly Replica[],
  balancer: Balancer,
  endings: readonly Ending[],
  home: string,
): Promise<ReplicaResult> {
  const expected: string[] = []
  for (const scene of SCENES) expected.push((await askCaption(balancer.url, scene)).body.trim())
  const load = createLoad(balancer.url, expected)
  const clients = load.run()
  for (const [turn, ending] of endings.entries()) {
    const index = turn % replicas.length
    const replica = replicas[index]!
    await delay(CALM_MS)
    await replica.server.stop(ending === 'kill' ? 'SIGKILL' : 'SIGTERM')
    replica.server = await startReplica(replica.port, home)
    await balancer.isUp(index + 1)
  }
  await delay(CALM_MS)
  load.end()
  await clients
  const redispatched = await balancer.sum('haproxy_server_redispatch_warnings_total')
  return { ...load.counts, redispatched }
}

function createLoad(url: string, expected: readonly string[]) {
  const lost: string[] = []
  const largeLost: string[] = []
  const streamsLost: string[] = []
  const counts = {
    answers: 0,
    lost,
    largeTold: 0,
    largeLost,
    streams: 0,
    streamsBroken: 0,
    streamsLost,
  }
  const state = { running: true }

  const repeat = async (client: number, once: (scene: number) => Promise<void>): Promise<void> => {
    for (let turn = client; state.running; turn += 1) await once(turn % SCENES.length)
  }
  const askSmall = async (scene: number): Promise<void> => {
    const answer = await ask(url, SCENES[scene]!)
    counts.answers += 1
    if (answer.status !== 200 || answer.body !== expected[scene]) lost.push(nameOf(answer))
  }
  const askLarge = async (scene: number): Promise<void> => {
    const answer = await ask(url, Buffer.concat([SCENES[scene]!, Buffer.alloc(LARGE_BYTES)]))
    if (answer.status === 200 && answer.body === expected[scene]) counts.answers += 1
    else if (answer.status === 502 && answer.retryAfter === '1') counts.largeTold += 1
    else largeLost.push(nameOf(answer))
  }
  const askStream = async (scene: number): Promise<void> => {
    counts.streams += 1
    const stream = await readStream(url, SCENES[scene]!)
    if (stream === 'broken') counts.streamsBroken += 1
    else if (stream !== expected[scene]) streamsLost.push(stream)
  }
  return {
    counts,
    async run() {
      await Promise.all([
        ...Array.from({ length: SMALL_CLIENTS }, async (_, id) => repeat(id, askSmall)),
        ...Array.from({ length: LARGE_CLIENTS }, async (_, id) => repeat(id, askLarge)),
        ...Array.from({ length: STREAMING_CLIENTS }, async (_, id) => repeat(id, askStream)),
      ])
    },
    end() {
      state.running = false
    },
  }
}

type Answer = Awaited<ReturnType<typeof askCaption>>

/** A connection that breaks is status 0. */
async function ask(url: string, picture: Uint8Array): Promise<Answer> {
  return askCaption(url, picture).then(
    (answer) => ({ ...answer, body: answer.body.trim() }),
    (error: unknown) => ({ status: 0, body: String(error), retryAfter: undefined }),
  )
}

function nameOf({ status, body }: Answer): string {
  return `${status} ${body}`
}

/** @returns the text of a chat's stream, `broken` where it is cut off, or what else it was. */
async function readStream(url: string, picture: Buffer): Promise<string> {
  const image = { url: `data:image/png;base64,${picture.toString('base64')}` }
  const body = {
    model: 'flocap',
    stream: true,
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: image }] }],
  }
  return new Promise((resolve) => {
    const outgoing = request(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      agent: false,
    })
    outgoing.on('error', (error) => resolve(`no answer: ${error.message}`))
    outgoing.on('response', (incoming) => {
      text(incoming).then(
        (whole) => resolve(textOf(incoming.statusCode ?? 0, whole)),
        () => resolve('broken'),
      )
    })
    outgoing.end(JSON.stringify(body))
  })
}

function textOf(status: number, body: string): string {
  if (status !== 200) return `${status} ${body}`
  const events = parseEvents(body).map(({ data }) => data)
  // In a stream that has begun an error comes as an event.
  if (events.some((data) => data.includes('"error"'))) return 'broken'
  if (events.at(-1) !== '[DONE]') return `ended without [DONE]: ${body}`
  return events
    .slice(0, -1)
    .map((data) => contentOf(JSON.parse(data)))
    .join('')
    .trim()
}

function contentOf(chunk: { choices?: { delta?: { content?: string } }[] }): string {
  return chunk.choices?.[0]?.delta?.content ?? ''
}
