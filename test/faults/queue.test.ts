// Two servers, three workers and a broker, each killed at random moments: every line of both batches is
// answered once or has failed by name.
import { describe, expect, it, onTestFinished } from 'vitest'
import { fileURLToPath } from 'node:url'
import { type BatchKillResult, failingOf, killOverBatch } from '../support/batch-kills.ts'
import { BROKERS, type TestBroker } from '../support/brokers.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { tormentWorkers } from '../support/torment-workers.ts'
import { recordResult, share } from './record-result.ts'

const WRONG_CLOCK = fileURLToPath(new URL('../support/wrong-clock.mjs', import.meta.url))

interface Chaos {
  readonly name: string
  readonly what: string
  readonly broker: TestBroker
  readonly firstEnvironment?: Readonly<Record<string, string>>
}

/** @returns what is wrong with each batch: nothing, it is to be hoped. */
async function runChaos({ name, what, broker, firstEnvironment }: Chaos) {
  const lines = share(2_000)
  const blows = share(40)
  const torment = tormentWorkers(
    {
      broker,
      workers: 3,
      home: temporaryFolder(),
      ...(firstEnvironment === undefined ? {} : { firstEnvironment }),
    },
    blows,
  )
  const results = await Promise.all(
    [0, 1].map(async () =>
      killOverBatch({
        lines,
        kills: share(5),
        home: temporaryFolder(),
        args: ['--queue', broker.url, '--log', 'quiet'],
      }),
    ),
  )
  const blown = await torment.end()
  const sum = (of: (result: BatchKillResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0)
  recordResult({
    name,
    done: `${what}: 2 servers with a batch of ${lines} lines each, 3 workers; at random moments ${blown.kills} workers and ${2 * share(5)} servers killed, ${blown.freezes} workers frozen, the broker killed ${blown.brokerRestarts} times`,
    numbers: {
      completed: sum(({ completed }) => completed),
      failed: sum(({ failed }) => failed),
      'failed by themselves': 2 * failingOf(lines),
      missing: sum(({ missing }) => missing.length),
      'twice there': sum(({ twice }) => twice.length),
    },
  })
  return results.map(({ status, missing, twice, completed, failed }) => ({
    status,
    missing,
    twice,
    lost: lines - completed - failed,
  }))
}

const WHOLE = { status: 'completed', missing: [], twice: [], lost: 0 }

for (const { name, missing, create } of BROKERS) {
  const title = missing === undefined ? name : `${name} (skipped: ${missing})`
  describe.skipIf(missing !== undefined)(`a queue on ${title}`, () => {
    it('loses no line', async () => {
      const broker = await create()
      onTestFinished(() => broker.remove())
      const what = `${name} that keeps what it is told`
      const ends = await runChaos({ name: `queue (${name})`, what, broker })
      expect(ends).toEqual([WHOLE, WHOLE])
    })
  })
}

const REDIS = BROKERS.find(({ name }) => name === 'Redis')
it.skipIf(REDIS?.missing !== undefined)(
  'loses no line to a Redis that forgets everything, and a worker whose clock is 10 minutes fast',
  async () => {
    if (REDIS === undefined) throw new TypeError('There is no Redis among the brokers.')
    const broker = await REDIS.create(false)
    onTestFinished(() => broker.remove())
    const ends = await runChaos({
      name: 'queue (Redis without a disk)',
      what: 'Redis that comes back empty, and a worker whose clock is 10 minutes fast',
      broker,
      firstEnvironment: { NODE_OPTIONS: `--import ${WRONG_CLOCK}` },
    })
    expect(ends).toEqual([WHOLE, WHOLE])
  },
)
