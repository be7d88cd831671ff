// The doctor's way to a broker: imports its driver only when a queue is asked for.
import { loadDrivers } from './drivers.ts'
import type { BrokerFacts } from './facts.ts'
import type { QueueAddress } from './queue-url.ts'

/** @throws FlocapError `invalid_setting` that says which packages are missing; Error of the driver */
export async function readBrokerFacts({ broker, url }: QueueAddress): Promise<BrokerFacts> {
  const read = await loadDrivers(broker, async () => {
    // Fronts and workers need it beside the driver.
    await import('bullmq')
    return broker === 'redis'
      ? (await import('./redis-facts.ts')).readRedisFacts
      : (await import('./postgres-facts.ts')).readPostgresFacts
  })
  return read(url)
}
