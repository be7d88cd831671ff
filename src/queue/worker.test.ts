// What a worker says of itself, over a broker that only remembers; answers are tested in queue.test.ts.
import { expect, it, onTestFinished } from 'vitest'
import type { Broker, LaneWorkerOptions } from './broker.ts'
import { startQueueWorker } from './worker.ts'

function createBroker(): { broker: Broker; started: () => LaneWorkerOptions } {
  let options: LaneWorkerOptions | undefined
  const broker: Broker = {
    store: {
      put: async () => undefined,
      putIfAbsent: async () => true,
      prolong: async () => true,
      get: async () => undefined,
      list: async () => [],
      remove: async () => undefined,
      close: async () => undefined,
    },
    openLane: () => {
      throw new Error('A worker gives nothing away.')
    },
    startWorker(_lane, given) {
      options = given
      return { close: async () => undefined }
    },
  }
  return {
    broker,
    started() {
      if (options === undefined) throw new Error('The worker has not started.')
      return options
    },
  }
}

it('counts an answer that came too late once, however often the broker says so', () => {
  const { broker, started } = createBroker()
  const lane = { model: 'test', fingerprint: 'f'.repeat(64), kernels: 'cpu' }
  const worker = startQueueWorker(broker, { lane, device: 'cpu', places: 1, work: async () => '' })
  onTestFinished(async () => worker.close())
  for (const id of ['a', 'a', 'b', 'a']) started().onTooLate(id)
  expect(worker.counts).toMatchObject({ tooLate: 2 })
})
