// What PostgreSQL says of itself. Nothing is created there.
import { z } from 'zod'
import { ANSWER_MS, type BrokerFacts } from './facts.ts'
import { openPostgresPool } from './postgres-pool.ts'
import { createPostgresStore } from './postgres-store.ts'
import { listWorkers } from './worker-notes.ts'

const factsRow = z.tuple([
  z.object({ version: z.string(), fsync: z.string(), seconds: z.string(), table: z.boolean() }),
])

/** @throws Error of the driver where it does not answer, or not to this user */
export async function readPostgresFacts(url: string): Promise<BrokerFacts> {
  const pool = openPostgresPool(url, () => undefined, ANSWER_MS)
  try {
    const found = await pool.query(
      `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
         extract(epoch FROM clock_timestamp())::text AS seconds,
         to_regclass('flocap_shared') IS NOT NULL AS table`,
    )
    const [{ version, fsync, seconds, table }] = factsRow.parse(found.rows)
    return {
      server: `PostgreSQL ${version.split(' ')[0] ?? version}`,
      drops: undefined,
      forgets: fsync === 'on' ? undefined : `fsync is ${fsync}`,
      clockSeconds: Number(seconds) - Date.now() / 1_000,
      workers: table ? await listWorkers(createPostgresStore(pool)) : [],
    }
  } finally {
    await pool.end()
  }
}
