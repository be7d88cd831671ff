// The shared values in PostgreSQL: a row each, which counts until its time has come.
import pg from 'pg'
import { z } from 'zod'
import { FlocapError } from '../base/errors.ts'
import { postgresConnection } from './postgres-connection.ts'
import type { SharedStore } from './shared-store.ts'

/** Beside BullMQ's own schema, in the same database. */
const CREATE = `
CREATE TABLE IF NOT EXISTS flocap_shared (
  name text PRIMARY KEY,
  value text NOT NULL,
  expires_at timestamptz NOT NULL
)`
/** Two processes that start at once would both try to create the table. Any number that is ours. */
const CREATE_LOCK = 0x10ca9
const UNTIL = `now() + $3 * interval '1 millisecond'`

/** BullMQ takes the times of its locks from the clocks of workers, and a lock holds for half a minute. */
const MAX_CLOCK_DIFFERENCE_SECONDS = 5

const rows = z.array(z.object({ value: z.string() }))

/** @param onError told of every lost connection; the pool opens another one */
export async function openPostgresStore(
  url: string,
  onError: (error: Error) => void,
): Promise<SharedStore> {
  const pool = new pg.Pool({ ...postgresConnection(url), max: 2 })
  pool.on('error', onError)
  try {
    await assertSameTime(pool)
    await pool.query(
      `BEGIN; SELECT pg_advisory_xact_lock(${CREATE_LOCK}); ${CREATE}; DELETE FROM flocap_shared WHERE expires_at <= now(); COMMIT`,
    )
  } catch (error) {
    await pool.end()
    throw error
  }

  return {
    async put(name, value, milliseconds) {
      await pool.query(
        `INSERT INTO flocap_shared VALUES ($1, $2, ${UNTIL})
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
        [name, value, milliseconds],
      )
    },
    async putIfAbsent(name, value, milliseconds) {
      const { rowCount } = await pool.query(
        `INSERT INTO flocap_shared VALUES ($1, $2, ${UNTIL})
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
         WHERE flocap_shared.expires_at <= now()`,
        [name, value, milliseconds],
      )
      return rowCount === 1
    },
    async prolong(name, value, milliseconds) {
      const { rowCount } = await pool.query(
        `UPDATE flocap_shared SET expires_at = ${UNTIL}
         WHERE name = $1 AND value = $2 AND expires_at > now()`,
        [name, value, milliseconds],
      )
      return rowCount === 1
    },
    async get(name) {
      const found = await pool.query(
        'SELECT value FROM flocap_shared WHERE name = $1 AND expires_at > now()',
        [name],
      )
      return rows.parse(found.rows)[0]?.value
    },
    async list(prefix) {
      const found = await pool.query(
        'SELECT value FROM flocap_shared WHERE starts_with(name, $1) AND expires_at > now()',
        [prefix],
      )
      return rows.parse(found.rows).map(({ value }) => value)
    },
    async remove(name) {
      await pool.query('DELETE FROM flocap_shared WHERE name = $1 OR expires_at <= now()', [name])
    },
    close: () => pool.end(),
  }
}

async function assertSameTime(pool: pg.Pool): Promise<void> {
  const found = await pool.query('SELECT extract(epoch FROM clock_timestamp())::text AS value')
  const seconds = Number(rows.parse(found.rows)[0]?.value)
  const difference = Math.abs(Date.now() / 1_000 - seconds)
  if (difference <= MAX_CLOCK_DIFFERENCE_SECONDS) return
  throw new FlocapError(
    'invalid_setting',
    `Expected a clock within ${MAX_CLOCK_DIFFERENCE_SECONDS} s of the database's for --queue, got one that is ${Math.round(difference)} s off: workers would take each other's lines.`,
    { subject: '--queue', hint: 'Set the clocks of both machines by NTP.' },
  )
}
