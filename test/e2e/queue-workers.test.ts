// Workers that die, freeze and come back, as processes of their own.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createQueueFront } from '../../src/queue/front.ts'
import type { Dispatcher, Lane } from '../../src/queue/ports.ts'
import { BROKERS, type TestBroker } from '../support/brokers.ts'
import { connectBroker } from '../support/connect-broker.ts'
import { caughtError } from '../support/caught-error.ts'

const WORKER = fileURLToPath(new URL('../support/queue-worker.mjs', import.meta.url))
const never = new AbortController().signal

for (const [number, { name, missing, create }] of BROKERS.entries()) {
  const title = missing === undefined ? name : `${name} (skipped: ${missing})`
  describe.skipIf(missing !== undefined)(`workers of a queue on ${title}`, () => {
    let broker: TestBroker
    let tests = 0

    beforeAll(async () => {
      broker = await create()
    })
    afterAll(async () => {
      await broker.remove()
    })

    function newLane(): Lane {
      return { model: 'test', fingerprint: `${number}${tests++}`.padStart(64, 'e'), kernels: 'cpu' }
    }

    async function openFront(): Promise<Dispatcher> {
      const opened = await connectBroker(broker.url)
      const front = createQueueFront(opened, { look: 500, retry: 200 })
      onTestFinished(() => front.close())
      return front
    }

    async function startWorker(lane: Lane): Promise<ChildProcess> {
      const worker = fork(WORKER, [broker.url, JSON.stringify(lane)], { stdio: 'ignore' })
      onTestFinished(() => void worker.kill('SIGKILL'))
      await once(worker, 'message')
      return worker
    }

    it('gives the line of a worker that was killed to another', async () => {
      const lane = newLane()
      const front = await openFront()
      const first = await startWorker(lane)
      const job = { id: 'killed.1', payload: JSON.stringify({ ms: 1_500 }) }
      const answer = front.run(lane, job, never)
      await once(first, 'message')
      first.kill('SIGKILL')
      const second = await startWorker(lane)
      expect((await answer).text).toBe(`${second.pid}`)
    })

    it('fails a line that kills its workers after the third, and refuses it for a day', async () => {
      const lane = newLane()
      const front = await openFront()
      const pids = new Set<number | undefined>()
      const over = new AbortController()
      const ended = once(over.signal, 'abort')
      const keepOneAlive = async (): Promise<void> => {
        while (!over.signal.aborted) {
          const worker = await startWorker(lane)
          pids.add(worker.pid)
          await Promise.race([once(worker, 'exit'), ended])
        }
      }
      const alive = keepOneAlive()
      const payload = JSON.stringify({ kills: true })
      const failure = await caughtError(() => front.run(lane, { id: 'deadly.1', payload }, never))
      over.abort()
      await alive
      expect(failure).toMatchObject({
        code: 'engine_failed',
        message: 'Several workers were lost while they answered this line.',
      })
      // Two came after the first; the one that finds it lost too often does not run it.
      expect(pids.size).toBeLessThanOrEqual(4)
      const again = await caughtError(() => front.run(lane, { id: 'deadly.2', payload }, never))
      expect(again.code).toBe('image_rejected')
    })

    it('drops and counts what a frozen worker answers after another has', async () => {
      const lane = newLane()
      const front = await openFront()
      const frozen = await startWorker(lane)
      const payload = JSON.stringify({ ms: 800 })
      const answer = front.run(lane, { id: 'frozen.1', payload }, never)
      await once(frozen, 'message')
      frozen.kill('SIGSTOP')
      const other = await startWorker(lane)
      expect((await answer).text).toBe(`${other.pid}`)
      frozen.kill('SIGCONT')
      await expect
        .poll(async () => {
          const told = once(frozen, 'message')
          frozen.send('counts')
          return (await told)[0]
        })
        .toMatchObject({ tooLate: 1 })
    })
  })
}
