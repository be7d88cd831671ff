// The shared values in PostgreSQL: a row each, which counts until its time has come.
import { runMigrations } from 'bullmq'
import type pg from 'pg'
import { z } from 'zod'
import { FlocapError } from '../base/errors.ts'
import type { SharedStore } from './shared-store.ts'
import { closeSoon } from './silence.ts'

/** In BullMQ's schema, the only one of the database in which its user need be allowed to create. */
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

/** @param pool of the store and of BullMQ; it is closed with the store, and when it cannot be used */
export async function openPostgresStore(pool: pg.Pool): Promise<SharedStore> {
  try {
    await assertSameTime(pool)
    await migrate(pool)
    await pool.query(
      `BEGIN; SELECT pg_advisory_xact_lock(${CREATE_LOCK}); ${CREATE}; DELETE FROM flocap_shared WHERE expires_at <= now(); COMMIT`,
    )
  } catch (error) {
    await closeSoon(pool.end())
    throw error
  }
  return createPostgresStore(pool)
}

/** @param pool of a database that has the table */
export function createPostgresStore(pool: pg.Pool): SharedStore {
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
    close: () => closeSoon(pool.end()),
  }
}

/** BullMQ's tables, and ours beside them. */
async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await runMigrations(client)
  } catch (error) {
    client.release(true)
    throw error
  }
  client.release()
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
