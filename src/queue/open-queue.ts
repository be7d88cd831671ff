// The way into the queue: imports BullMQ and the broker's driver only when a queue is asked for, and waits for a
// broker that does not answer yet.
import { setTimeout as sleep } from 'node:timers/promises'
import { FlocapError } from '../base/errors.ts'
import { unlessAborted } from '../base/unless-aborted.ts'
import { loadDrivers } from './drivers.ts'
import type { Dispatcher, QueueWorker } from './ports.ts'
import type { QueueAddress } from './queue-url.ts'
import { createTrouble } from './trouble.ts'
import type { WorkerOptions } from './worker.ts'

export interface Queue {
  /**
   * Waits until the broker can be used, whatever is wrong with it.
   * @throws the reason of `signal`
   */
  openFront(signal: AbortSignal): Promise<Dispatcher>
  /** @throws FlocapError `invalid_setting` for a broker that may lose jobs; the reason of `signal` */
  startWorker(options: WorkerOptions, signal: AbortSignal): Promise<QueueWorker>
  /** Why nothing moves, as a sentence; undefined while the broker answers. */
  readonly trouble: () => string | undefined
}

export interface QueueEvents {
  /** Told why nothing moves, once, and undefined when it does again. */
  readonly onTrouble: (sentence: string | undefined) => void
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

/** @throws FlocapError `invalid_setting` that says which packages are missing */
export async function loadQueue(address: QueueAddress, events: QueueEvents): Promise<Queue> {
  const openBroker = await loadDrivers(address.broker, async () =>
    address.broker === 'redis'
      ? (await import('./redis-broker.ts')).openRedisBroker
      : (await import('./postgres-broker.ts')).openPostgresBroker,
  )
  const trouble = createTrouble(events.onTrouble)

  /** @param isFinal whether an error that no waiting mends is thrown */
  async function connect(signal: AbortSignal, isFinal: (error: unknown) => boolean) {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      signal.throwIfAborted()
      try {
        const broker = await unlessAborted(openBroker(address.url, trouble), signal)
        trouble.clear(connect)
        return broker
      } catch (error) {
        if (isFinal(error)) throw error
        trouble.report(error, connect)
        await sleep(pause, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  return {
    trouble: trouble.sentence,
    async openFront(signal) {
      const { createQueueFront } = await import('./front.ts')
      return createQueueFront(await connect(signal, () => false))
    },
    async startWorker(options, signal) {
      const { startQueueWorker } = await import('./worker.ts')
      const isFinal = (error: unknown): boolean => error instanceof FlocapError
      return startQueueWorker(await connect(signal, isFinal), options)
    },
  }
}
