// How FloCap's and BullMQ's pools connect to PostgreSQL.

/** A process that is frozen amid a transaction would hold up all others. */
const MAX_IDLE_TRANSACTION_MS = 30_000

export function postgresConnection(url: string) {
  return { connectionString: url, idle_in_transaction_session_timeout: MAX_IDLE_TRANSACTION_MS }
}
