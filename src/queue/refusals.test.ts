// Brokers that answer, and refuse: a copy that only reads, a memory that is full, a password, too many
// connections. Fronts say what and how to mend it, do not storm it, and go on when it is mended.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer } from 'node:tls'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { BROKERS, type BrokerKind, type TestBroker } from '../../test/support/brokers.ts'
import { makeCertificate } from '../../test/support/certificate.ts'
import { connectBroker } from '../../test/support/connect-broker.ts'
import { portOf } from '../../test/support/port-of.ts'
import { createFolder, removeFolder } from '../../test/support/temporary-folder.ts'
import { createQueueFront } from './front.ts'
import { loadQueue } from './open-queue.ts'
import type { Lane } from './ports.ts'
import { parseQueueUrl } from './queue-url.ts'
import { startQueueWorker } from './worker.ts'

const never = new AbortController().signal
const TIMES = { hold: 2_000, stalled: 500 }
const FRONT_TIMES = { look: 500, retry: 200 }

let lanes = 0
function newLane(): Lane {
  return { model: 'test', fingerprint: `${lanes++}`.padStart(64, '5'), kernels: 'cpu-test' }
}

function brokerOf(wanted: string): BrokerKind {
  const kind = BROKERS.find(({ name }) => name === wanted)
  if (kind === undefined) throw new TypeError(`There is no ${wanted} among the brokers.`)
  return kind
}

/** A front and a worker, whose first job is answered. */
async function openBoth(url: string) {
  const lane = newLane()
  const opened = await connectBroker(url)
  const front = createQueueFront(opened, FRONT_TIMES)
  onTestFinished(() => front.close())
  const work = async (payload: string): Promise<string> => `answer to ${payload}`
  const worker = startQueueWorker(await connectBroker(url), {
    lane,
    device: 'cpu',
    places: 1,
    work,
    times: TIMES,
  })
  onTestFinished(() => worker.close())
  const ask = async (line: number): Promise<string> => {
    const job = { id: `${lane.fingerprint}.${line}`, payload: `question ${line}` }
    return (await front.run(lane, job, never)).text
  }
  expect(await ask(1)).toBe('answer to question 1')
  return { ask, trouble: opened.trouble.sentence }
}

const REDIS = brokerOf('Redis')
describe.skipIf(REDIS.missing !== undefined)('a Redis that refuses', () => {
  let broker: TestBroker
  let admin: Redis

  beforeAll(async () => {
    broker = await REDIS.create()
    admin = new Redis(broker.url)
  })
  afterAll(async () => {
    admin.disconnect()
    await broker.remove()
  })

  const REFUSALS = [
    {
      what: 'since it only reads',
      begin: () => admin.replicaof('127.0.0.1', 1),
      end: () => admin.replicaof('NO', 'ONE'),
      says: 'Give the address of the primary to --queue',
    },
    {
      what: 'since its memory is full',
      begin: () => admin.config('SET', 'maxmemory', '1000'),
      end: () => admin.config('SET', 'maxmemory', '0'),
      says: 'Its memory is full: raise maxmemory',
    },
    {
      what: 'without a password',
      async begin() {
        await admin.config('SET', 'requirepass', 'secret')
        await admin.auth('secret')
        await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      },
      end: () => admin.config('SET', 'requirepass', ''),
      says: 'Set user and password in FLOCAP_QUEUE',
    },
  ] as const

  it.each(REFUSALS)('$what is told what helps, is not stormed, and used again', async (refusal) => {
    const { ask, trouble } = await openBoth(broker.url)
    await refusal.begin()
    const answer = ask(2)
    await expect.poll(trouble).toContain(refusal.says)
    const before = await commandsOf(admin)
    await sleep(2_000)
    // A front, a worker, and this test: some tens of commands a second at most.
    expect((await commandsOf(admin)) - before).toBeLessThan(400)
    await refusal.end()
    expect(await answer).toBe('answer to question 2')
    await expect.poll(trouble).toBeUndefined()
  })

  it('does without the scripts that it has forgotten', async () => {
    const { ask } = await openBoth(broker.url)
    await admin.script('FLUSH')
    expect(await ask(2)).toBe('answer to question 2')
  })
})

const FOLDER = createFolder()
afterAll(() => removeFolder(FOLDER))
const PAIR = makeCertificate(FOLDER, 'another.name')
it.skipIf(PAIR === undefined)(
  'a certificate that is not trusted is told with what helps',
  async () => {
    const paths = PAIR!
    const server = createServer({
      key: readFileSync(paths.key),
      cert: readFileSync(paths.certificate),
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const queue = await loadQueue(parseQueueUrl(`rediss://127.0.0.1:${portOf(server)}`), {
      onTrouble: () => undefined,
    })
    const stop = new AbortController()
    const front = queue.openFront(stop.signal)
    await expect.poll(queue.trouble).toContain('set NODE_EXTRA_CA_CERTS to the file')
    stop.abort(new Error('enough'))
    await expect(front).rejects.toThrow('enough')
  },
)

async function commandsOf(admin: Redis): Promise<number> {
  const stats = await admin.info('stats')
  return Number(/^total_commands_processed:(\d+)/m.exec(stats)?.[1])
}

const POSTGRES = brokerOf('PostgreSQL')
describe.skipIf(POSTGRES.missing !== undefined)('a PostgreSQL that refuses', () => {
  let broker: TestBroker

  beforeAll(async () => {
    broker = await POSTGRES.create()
  })
  afterAll(async () => {
    await broker.remove()
  })

  /** In a connection that may write whatever is the default. */
  async function sql(...texts: readonly string[]): Promise<void> {
    const client = new pg.Client(broker.url)
    await client.connect()
    await client.query('SET default_transaction_read_only = off')
    for (const text of texts) await client.query(text)
    await client.end()
  }

  it('goes on when an administrator ends its connections again and again', async () => {
    const { ask } = await openBoth(broker.url)
    const answers: Promise<string>[] = []
    for (let line = 2; line < 8; line += 1) {
      answers.push(ask(line))
      await sql(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
      )
    }
    expect(await Promise.all(answers)).toEqual(
      answers.map((_, index) => `answer to question ${index + 2}`),
    )
  })

  it('since it only reads is told what helps, and used again', async () => {
    const { ask, trouble } = await openBoth(broker.url)
    await sql('ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()')
    await sleep(500)
    const answer = ask(2)
    await expect.poll(trouble).toContain('Give the address of the primary to --queue')
    await sql('ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()')
    expect(await answer).toBe('answer to question 2')
    await expect.poll(trouble).toBeUndefined()
  })

  it('for too many connections is waited for from the start, and told what helps', async () => {
    await sql('ALTER SYSTEM SET max_connections = 6')
    await broker.stop('SIGINT')
    await broker.start()
    const others = Array.from({ length: 6 }, () => new pg.Client(broker.url))
    for (const other of others) await other.connect()
    const told: (string | undefined)[] = []
    const queue = await loadQueue(parseQueueUrl(broker.url), {
      onTrouble: (sentence) => void told.push(sentence),
    })
    const front = queue.openFront(never)
    await expect.poll(queue.trouble).toContain('Raise max_connections of PostgreSQL')
    for (const other of others) await other.end()
    await (await front).close()
    expect(told).toEqual([expect.stringContaining('too many clients'), undefined])
  })
})
