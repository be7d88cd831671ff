// Ten kills of every process over a batch of 2,000 lines, on one machine and over each broker: each line is
// answered once.
import { describe, expect, it, onTestFinished } from 'vitest'
import { type BatchKills, killOverBatch, wholeBatch } from '../support/batch-kills.ts'
import { BROKERS } from '../support/brokers.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { startWorkers } from '../support/worker-processes.ts'
import { recordResult, share } from './record-result.ts'

const LINES = share(2_000)

/** @param killed what is, for people */
async function killOver(name: string, killed: string, more: Partial<BatchKills>) {
  const kills = share(10)
  const result = await killOverBatch({ lines: LINES, kills, home: temporaryFolder(), ...more })
  recordResult({
    name,
    done: `${kills} times SIGKILL to ${killed} at random moments over a batch of ${LINES} lines, a tenth of which fail by themselves`,
    numbers: {
      completed: result.completed,
      failed: result.failed,
      missing: result.missing.length,
      'twice there': result.twice.length,
      'lines done at the kills': result.killedAt.join(' '),
    },
  })
  return result
}

const WHOLE = wholeBatch(LINES)

it('answers each line of a batch once, whenever the server is killed', async () => {
  expect(await killOver('batches', 'the server and its engine', {})).toMatchObject(WHOLE)
})

describe.each(BROKERS)('over a queue on $name', ({ name, missing, create }) => {
  it.skipIf(missing !== undefined)(
    'answers each line of a batch once, whenever all processes are killed',
    async () => {
      const broker = await create()
      onTestFinished(() => broker.remove())
      const two = [{ url: broker.url }, { url: broker.url }]
      const workers = startWorkers(two, temporaryFolder())
      onTestFinished(() => workers.killAll())
      const result = await killOver(
        `batches (${name})`,
        `the server, ${two.length} workers, their engines and ${name}`,
        {
          args: ['--queue', broker.url, '--log', 'quiet'],
          async alsoKill() {
            await Promise.all([workers.killAll(), broker.stop()])
            await broker.start()
            for (const index of two.keys()) workers.start(index)
          },
        },
      )
      expect(result).toMatchObject(WHOLE)
    },
  )
})
