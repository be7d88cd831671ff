// A connection to a broker of a test, for fronts and workers inside of the test's own process.
import type { Broker } from '../../src/queue/broker.ts'
import { openPostgresBroker } from '../../src/queue/postgres-broker.ts'
import { parseQueueUrl } from '../../src/queue/queue-url.ts'
import { openRedisBroker } from '../../src/queue/redis-broker.ts'
import { createTrouble } from '../../src/queue/trouble.ts'

/** @param silence milliseconds after which a connection that does not answer is made again */
export async function connectBroker(url: string, silence?: number): Promise<Broker> {
  const address = parseQueueUrl(url)
  const open = address.broker === 'redis' ? openRedisBroker : openPostgresBroker
  return open(address.url, createTrouble(), silence)
}
