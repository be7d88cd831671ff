// Fronts and workers whose connections to the broker are cut, stalled and half closed, and those who first ask
// while it is away: every job is answered, and once.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { BROKERS, type TestBroker } from '../../test/support/brokers.ts'
import { caughtError } from '../../test/support/caught-error.ts'
import { connectBroker } from '../../test/support/connect-broker.ts'
import { newLane } from '../../test/support/new-lane.ts'
import { type TornWire, tornWireForTest } from '../../test/support/torn-wire.ts'
import { createQueueFront } from './front.ts'
import type { Dispatcher, Lane } from './ports.ts'
import { startQueueWorker } from './worker.ts'

const never = new AbortController().signal
/** Long enough for what a broker answers at once, and shorter than any of these tests. */
const SILENCE_MS = 1_000
const TIMES = { hold: 4_000, stalled: 500 }
const FRONT_TIMES = { look: 500, retry: 200 }

async function askMany(front: Dispatcher, lane: Lane, batch: string, count: number) {
  return await Promise.all(
    Array.from({ length: count }, async (_, line) => {
      const job = { id: `${batch}.${line}`, payload: `question ${line}` }
      const { text, settle } = await front.run(lane, job, never)
      await settle()
      return text
    }),
  )
}

for (const { name, missing, create } of BROKERS) {
  const title = missing === undefined ? name : `${name} (skipped: ${missing})`
  describe.skipIf(missing !== undefined)(`the queue on ${title}`, () => {
    let broker: TestBroker

    beforeAll(async () => {
      broker = await create()
    })
    afterAll(async () => {
      await broker.remove()
    })

    /** @param wire to the broker @returns a front and a worker that take `seconds` for a job */
    async function openBoth(wire: TornWire, lane: Lane) {
      const url = broker.url.replace(`:${broker.port}`, `:${wire.port}`)
      const opened = await connectBroker(url, SILENCE_MS)
      const front = createQueueFront(opened, FRONT_TIMES)
      onTestFinished(() => front.close())
      const worker = startQueueWorker(await connectBroker(url, SILENCE_MS), {
        lane,
        device: 'cpu',
        places: 4,
        times: TIMES,
        async work(payload) {
          await sleep(100)
          return `answer to ${payload}`
        },
      })
      onTestFinished(() => worker.close())
      return { front, worker, trouble: opened.trouble.sentence }
    }

    const answersTo = (count: number): string[] =>
      Array.from({ length: count }, (_, line) => `answer to question ${line}`)

    it('answers all jobs while connections are cut again and again', async () => {
      const lane = newLane()
      const wire = await tornWireForTest(broker.port)
      const { front } = await openBoth(wire, lane)
      const answers = askMany(front, lane, 'cut', 30)
      for (let times = 0; times < 4; times += 1) {
        await sleep(300)
        wire.cut()
      }
      expect(await answers).toEqual(answersTo(30))
    })

    it.each(['answers', 'both'] as const)(
      'notices that %s no longer pass, says so, and goes on',
      async (direction) => {
        const lane = newLane()
        const wire = await tornWireForTest(broker.port)
        const { front, trouble } = await openBoth(wire, lane)
        await askMany(front, lane, `before-${direction}`, 4)
        const answers = askMany(front, lane, `stalled-${direction}`, 20)
        await sleep(150)
        wire.stall(direction)
        await expect.poll(trouble).toContain('The queue does not answer')
        wire.heal()
        expect(await answers).toEqual(answersTo(20))
        await expect.poll(trouble).toBeUndefined()
      },
    )

    it('notices that connections are closed as soon as they are made, and goes on', async () => {
      const lane = newLane()
      const wire = await tornWireForTest(broker.port)
      const { front, trouble } = await openBoth(wire, lane)
      wire.stall('answers')
      const answers = askMany(front, lane, 'slammed', 4)
      await sleep(150)
      wire.slam()
      await expect.poll(trouble).toContain('The queue does not answer')
      wire.heal()
      expect(await answers).toEqual(answersTo(4))
    })

    it('goes on when connections are half closed', async () => {
      const lane = newLane()
      const wire = await tornWireForTest(broker.port)
      const { front } = await openBoth(wire, lane)
      const answers = askMany(front, lane, 'half', 20)
      await sleep(150)
      wire.halfClose()
      expect(await answers).toEqual(answersTo(20))
    })

    it('goes on when the broker was away at the first job, and at the start of a worker', async () => {
      const lane = newLane()
      const wire = await tornWireForTest(broker.port)
      const url = broker.url.replace(`:${broker.port}`, `:${wire.port}`)
      const opened = [
        await connectBroker(url, SILENCE_MS),
        await connectBroker(url, SILENCE_MS),
      ] as const
      const front = createQueueFront(opened[0], FRONT_TIMES)
      onTestFinished(() => front.close())
      await broker.stop()
      const answer = askMany(front, lane, 'away', 1)
      const worker = startQueueWorker(opened[1], {
        lane,
        device: 'cpu',
        places: 1,
        times: TIMES,
        work: async (payload) => `answer to ${payload}`,
      })
      onTestFinished(() => worker.close())
      await expect.poll(opened[0].trouble.sentence).toContain('The queue does not answer')
      await sleep(1_500)
      await broker.start()
      expect(await answer).toEqual(answersTo(1))
    })

    it('closes while nothing passes', async () => {
      const lane = newLane()
      const wire = await tornWireForTest(broker.port)
      const { front, worker } = await openBoth(wire, lane)
      await askMany(front, lane, 'closing', 2)
      wire.stall()
      const failure = caughtError(() => askMany(front, lane, 'closed', 2))
      await sleep(100)
      await Promise.all([front.close(), worker.close()])
      expect((await failure).code).toBe('closed')
    })
  })
}
