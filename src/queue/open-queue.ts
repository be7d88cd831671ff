// The way into the queue: imports BullMQ and the broker's driver only when a queue is asked for, and waits for a
// broker that does not answer yet.
import { setTimeout as sleep } from 'node:timers/promises'
import { FlocapError } from '../base/errors.ts'
import { loadDrivers } from './drivers.ts'
import type { Dispatcher, QueueWorker } from './ports.ts'
import type { QueueAddress } from './queue-url.ts'
import type { WorkerOptions } from './worker.ts'

export interface Queue {
  /** @throws FlocapError `invalid_setting`; the reason of `signal` */
  openFront(signal: AbortSignal): Promise<Dispatcher>
  /** @throws FlocapError `invalid_setting`; the reason of `signal` */
  startWorker(options: WorkerOptions, signal: AbortSignal): Promise<QueueWorker>
}

export interface QueueEvents {
  /** A connection was lost, or could not be made; it is tried again. */
  readonly onTrouble: (error: Error) => void
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

/** @throws FlocapError `invalid_setting` that says which packages are missing */
export async function loadQueue(address: QueueAddress, events: QueueEvents): Promise<Queue> {
  const openStore = await loadDrivers(address.broker, async () =>
    address.broker === 'redis'
      ? (await import('./redis-store.ts')).openRedisStore
      : (await import('./postgres-store.ts')).openPostgresStore,
  )
  const { createBroker } = await loadDrivers(address.broker, () => import('./broker.ts'))

  async function connect(signal: AbortSignal) {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      signal.throwIfAborted()
      try {
        return createBroker(address, await openStore(address.url, events.onTrouble))
      } catch (error) {
        if (error instanceof FlocapError || !(error instanceof Error)) throw error
        events.onTrouble(error)
        await sleep(pause, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  return {
    async openFront(signal) {
      const { createQueueFront } = await import('./front.ts')
      return createQueueFront(await connect(signal))
    },
    async startWorker(options, signal) {
      const { startQueueWorker } = await import('./worker.ts')
      return startQueueWorker(await connect(signal), options)
    },
  }
}
