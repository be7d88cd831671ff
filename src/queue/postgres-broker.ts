// The queue on PostgreSQL.
import { createPostgresBackend, isPgPool, type PgPool } from 'bullmq'
import type pg from 'pg'
import { type Broker, brokerOf } from './broker.ts'
import { openPostgresPool } from './postgres-pool.ts'
import { openPostgresStore } from './postgres-store.ts'
import { SILENCE_MS } from './silence.ts'
import type { Trouble } from './trouble.ts'

/**
 * @param silence milliseconds after which a connection that does not answer is made again
 * @throws FlocapError `invalid_setting` for clocks that differ; what PostgreSQL says
 */
export async function openPostgresBroker(
  url: string,
  trouble: Trouble,
  silence = SILENCE_MS,
): Promise<Broker> {
  const pool = openPostgresPool(url, (error) => trouble.report(error), silence)
  const ofBullmq = withoutListeners(pool)
  const store = await openPostgresStore(pool)
  return brokerOf(createPostgresBackend, () => ofBullmq, { store, trouble, silence })
}

/**
 * BullMQ would add a listener for every queue that it opens and take none away: the pool itself tells of lost
 * connections.
 */
function withoutListeners(pool: pg.Pool): PgPool {
  const facade: unknown = Object.create(pool, { on: { value: () => facade } })
  if (!isPgPool(facade)) throw new TypeError('Expected a pool of the package pg.')
  return facade
}
