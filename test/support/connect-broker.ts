// A connection to a broker of a test, for fronts and workers inside of the test's own process.
import { type Broker, createBroker } from '../../src/queue/broker.ts'
import { openPostgresStore } from '../../src/queue/postgres-store.ts'
import { parseQueueUrl } from '../../src/queue/queue-url.ts'
import { openRedisStore } from '../../src/queue/redis-store.ts'

export async function connectBroker(url: string): Promise<Broker> {
  const address = parseQueueUrl(url)
  const openStore = address.broker === 'redis' ? openRedisStore : openPostgresStore
  return createBroker(address, await openStore(address.url, () => undefined))
}
