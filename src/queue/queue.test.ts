// The promises of ports.ts, held by both brokers: real ones, on ports of their own.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { BROKERS, type TestBroker } from '../../test/support/brokers.ts'
import { connectBroker } from '../../test/support/connect-broker.ts'
import { newLane } from '../../test/support/new-lane.ts'
import { caughtError } from '../../test/support/caught-error.ts'
import type { Broker } from './broker.ts'
import { createQueueFront } from './front.ts'
import type { Dispatcher, Lane, QueueWorker, Work } from './ports.ts'
import { startQueueWorker } from './worker.ts'

const never = new AbortController().signal
const TIMES = { hold: 2_000, stalled: 500 }
const FRONT_TIMES = { look: 500, retry: 200 }

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

    async function openFront(opened?: Broker): Promise<Dispatcher> {
      const front = createQueueFront(opened ?? (await connectBroker(broker.url)), FRONT_TIMES)
      onTestFinished(() => front.close())
      return front
    }

    async function openWorker(lane: Lane, work: Work, places = 2): Promise<QueueWorker> {
      const opened = await connectBroker(broker.url)
      const worker = startQueueWorker(opened, { lane, device: 'cpu', places, work, times: TIMES })
      onTestFinished(() => worker.close())
      return worker
    }

    it('answers every job once, with its own answer', async () => {
      const lane = newLane()
      const front = await openFront()
      const asked: string[] = []
      await openWorker(
        lane,
        async (payload) => {
          asked.push(payload)
          return `answer to ${payload}`
        },
        8,
      )
      const ids = Array.from({ length: 60 }, (_, line) => `batch-a.${line}`)
      const answers = await Promise.all(
        ids.map(async (id) => {
          const { text, settle } = await front.run(lane, { id, payload: `question ${id}` }, never)
          await settle()
          return text
        }),
      )
      expect(answers).toEqual(ids.map((id) => `answer to question ${id}`))
      expect(asked).toHaveLength(60)
    })

    it('runs a job that two fronts give away once, and both get the answer', async () => {
      const lane = newLane()
      const fronts = [await openFront(), await openFront()]
      let runs = 0
      await openWorker(lane, async () => {
        runs += 1
        await sleep(300)
        return 'once'
      })
      const job = { id: 'batch-b.1', payload: 'x' }
      const answers = await Promise.all(fronts.map((front) => front.run(lane, job, never)))
      expect(answers.map(({ text }) => text)).toEqual(['once', 'once'])
      expect(runs).toBe(1)
    })

    it('keeps the answer of a front that has died for the next one, until it is settled', async () => {
      const lane = newLane()
      const job = { id: 'batch-c.1', payload: 'x' }
      let runs = 0
      await openWorker(lane, async () => `run ${++runs}`)
      const first = await openFront()
      expect((await first.run(lane, job, never)).text).toBe('run 1')
      await first.close()
      const second = await openFront()
      const again = await second.run(lane, job, never)
      expect(again.text).toBe('run 1')
      await again.settle()
      expect((await second.run(lane, job, never)).text).toBe('run 2')
    })

    it('never gives a job to a worker that computes otherwise', async () => {
      const [wanted, other] = [newLane(), newLane()]
      const front = await openFront()
      const foreign: string[] = []
      await openWorker(other, async (payload) => {
        foreign.push(payload)
        return 'wrong'
      })
      const answer = front.run(wanted, { id: 'batch-d.1', payload: 'x' }, never)
      await sleep(300)
      await openWorker(wanted, async () => 'right')
      expect((await answer).text).toBe('right')
      expect(foreign).toEqual([])
    })

    it('takes back a job that waits, and stops one that runs, when it is no longer wanted', async () => {
      const lane = newLane()
      const front = await openFront()
      const stopped = withResolvers<string>()
      const begun = withResolvers<void>()
      const seen: string[] = []
      await openWorker(
        lane,
        async (payload, signal) => {
          seen.push(payload)
          begun.resolve()
          signal.addEventListener('abort', () => stopped.resolve(payload))
          await sleep(60_000, undefined, { signal })
          return 'too late'
        },
        1,
      )
      const stop = new AbortController()
      const runs = front.run(lane, { id: 'batch-e.1', payload: 'running' }, stop.signal)
      await begun.promise
      const waits = front.run(lane, { id: 'batch-e.2', payload: 'waiting' }, stop.signal)
      await sleep(300)
      const ends = Promise.allSettled([runs, waits])
      const reason = new Error('cancelled by its owner')
      stop.abort(reason)
      expect(await ends).toEqual([
        { status: 'rejected', reason },
        { status: 'rejected', reason },
      ])
      expect(await stopped.promise).toBe('running')
      await sleep(300)
      expect(seen).toEqual(['running'])
    })

    it('runs a line that was cancelled once, when it is asked again', async () => {
      const lane = newLane()
      const front = await openFront()
      const stop = new AbortController()
      const begun = withResolvers<void>()
      let runs = 0
      await openWorker(lane, async (_, signal) => {
        runs += 1
        begun.resolve()
        if (runs === 1) await sleep(60_000, undefined, { signal })
        return 'second try'
      })
      const job = { id: 'batch-f.1', payload: 'x' }
      const first = front.run(lane, job, stop.signal)
      await begun.promise
      const end = Promise.allSettled([first])
      stop.abort()
      await end
      expect((await front.run(lane, job, never)).text).toBe('second try')
    })

    it('gives the job of a worker that could not run it to others, and then fails with its reason', async () => {
      const lane = newLane()
      const front = await openFront()
      let runs = 0
      await openWorker(lane, async (payload) => {
        runs += 1
        if (payload === 'hopeless' || runs === 1) throw new Error('the engine is gone')
        return 'well'
      })
      expect((await front.run(lane, { id: 'batch-g.1', payload: 'x' }, never)).text).toBe('well')
      runs = 0
      const failure = await caughtError(() =>
        front.run(lane, { id: 'batch-g.2', payload: 'hopeless' }, never),
      )
      expect(failure).toMatchObject({
        code: 'engine_failed',
        message: 'No worker could answer this line: the engine is gone',
      })
      expect(runs).toBe(3)
    })

    it('asks nothing but what the front has written', async () => {
      const lane = newLane()
      const front = await openFront()
      const { store } = await connectBroker(broker.url)
      onTestFinished(() => store.close())
      const asked: string[] = []
      const answer = front.run(lane, { id: 'batch-j.1', payload: 'the question' }, never)
      await expect.poll(() => store.get('payload:batch-j.1')).toBe('the question')
      await store.put('payload:batch-j.1', 'another question', 60_000)
      await openWorker(lane, async (payload) => {
        asked.push(payload)
        return 'answer'
      })
      expect((await answer).text).toBe('answer')
      expect(asked).toEqual(['the question'])
    })

    it('knows who works, and for how long', async () => {
      const lane = newLane()
      const front = await openFront()
      const worker = await openWorker(lane, async () => 'x', 3)
      const ours = async () =>
        (await front.workers()).filter(({ fingerprint }) => fingerprint === lane.fingerprint)
      await expect.poll(ours).toHaveLength(1)
      expect((await ours())[0]).toMatchObject({
        ...lane,
        device: 'cpu',
        places: 3,
        secondsEach: null,
        draining: false,
      })
      await worker.close()
      expect(await ours()).toEqual([])
    })

    it('finishes what it has before a worker closes, and takes no more', async () => {
      const lane = newLane()
      const front = await openFront()
      const begun = withResolvers<void>()
      const worker = await openWorker(
        lane,
        async () => {
          begun.resolve()
          await sleep(500)
          return 'by the first'
        },
        1,
      )
      const first = front.run(lane, { id: 'batch-h.1', payload: '1' }, never)
      await begun.promise
      const second = front.run(lane, { id: 'batch-h.2', payload: '2' }, never)
      await worker.close()
      expect((await first).text).toBe('by the first')
      await openWorker(lane, async () => 'by the second')
      expect((await second).text).toBe('by the second')
    })

    it('waits for a broker that is away, says so, and goes on', async () => {
      const lane = newLane()
      const opened = await connectBroker(broker.url)
      const front = await openFront(opened)
      await openWorker(lane, async (payload) => `answer to ${payload}`)
      await front.run(lane, { id: 'batch-i.1', payload: 'before' }, never)
      await broker.stop()
      const answer = front.run(lane, { id: 'batch-i.2', payload: 'while' }, never)
      await expect.poll(() => opened.trouble.sentence()).toContain('The queue does not answer')
      await broker.start()
      expect((await answer).text).toBe('answer to while')
      await expect.poll(() => opened.trouble.sentence()).toBeUndefined()
    })
  })
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
