// Two servers, three workers and a broker, each killed at random moments, over connections that break: every line
// of both batches is answered once or has failed by name.
import { describe, expect, it, onTestFinished } from 'vitest'
import { fileURLToPath } from 'node:url'
import { type BatchKillResult, failingOf, killOverBatch } from '../support/batch-kills.ts'
import { BROKERS, type TestBroker } from '../support/brokers.ts'
import { runProgram } from '../support/program.ts'
import { samplePath } from '../support/samples.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { type TornWire, tornWireForTest } from '../support/torn-wire.ts'
import { torment } from '../support/torment-workers.ts'
import { startWorkers } from '../support/worker-processes.ts'
import { recordResult, share } from './record-result.ts'

const WRONG_CLOCK = fileURLToPath(new URL('../support/wrong-clock.mjs', import.meta.url))

/** Of answers to the worker that is slow. */
const LATE_MS = 150

interface Chaos {
  readonly name: string
  readonly what: string
  readonly broker: TestBroker
  /** Of the first worker and of the second server. */
  readonly environment?: Readonly<Record<string, string>>
}

/** @returns what is wrong with each batch: nothing, it is to be hoped. */
async function runChaos({ name, what, broker, environment = {} }: Chaos) {
  const lines = share(2_000)
  const serverKills = share(5)
  const blows = {
    kills: share(30),
    freezes: share(6),
    brokerRestarts: share(6),
    tears: share(5),
  }
  const wires = [
    await tornWireForTest(broker.port),
    await tornWireForTest(broker.port),
    await tornWireForTest(broker.port),
  ] as const
  const [ofWorker, ofServer, slow] = wires
  slow.slow(LATE_MS)
  const by = ({ port }: TornWire): string => broker.url.replace(`:${broker.port}`, `:${port}`)
  const urls = [broker.url, by(ofWorker), by(slow)]
  // So that blows fall on workers that work, the model is compiled before.
  const home = temporaryFolder()
  const args = ['caption', samplePath('scene-00.png')]
  expect(await runProgram(args, { environment: { FLOCAP_HOME: home } })).toMatchObject({ code: 0 })
  const workers = startWorkers(
    urls.map((url, index) => ({ url, environment: index === 0 ? environment : {} })),
    home,
  )
  onTestFinished(() => workers.killAll())
  const tormented = torment({ broker, workers, wires }, blows)
  const servers = [
    { queue: by(ofServer), environment: {} },
    { queue: broker.url, environment },
  ]
  const results = await Promise.all(
    servers.map(async (server) =>
      killOverBatch({
        lines,
        kills: serverKills,
        home: temporaryFolder(),
        args: ['--queue', server.queue, '--log', 'quiet'],
        environment: server.environment,
      }),
    ),
  )
  await tormented
  const sum = (of: (result: BatchKillResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0)
  recordResult({
    name,
    done: `${what}: 2 servers with a batch of ${lines} lines each, 3 workers, of which one is ${LATE_MS} ms away; at random moments ${blows.kills} workers and ${2 * serverKills} servers killed, ${blows.freezes} workers frozen, the broker killed ${blows.brokerRestarts} times, connections cut, stalled and half closed ${blows.tears} times each`,
    numbers: {
      accepted: 2 * lines,
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
  'loses no line to a Redis that forgets everything, and clocks that are 10 minutes apart',
  async () => {
    if (REDIS === undefined) throw new TypeError('There is no Redis among the brokers.')
    const broker = await REDIS.create(false)
    onTestFinished(() => broker.remove())
    const ends = await runChaos({
      name: 'queue (Redis without a disk)',
      what: 'Redis that comes back empty, a worker and a server whose clocks are 10 minutes fast',
      broker,
      environment: { NODE_OPTIONS: `--import ${WRONG_CLOCK}` },
    })
    expect(ends).toEqual([WHOLE, WHOLE])
  },
)
