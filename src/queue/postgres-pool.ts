// The connections to PostgreSQL of one process, FloCap's and BullMQ's: few, since each costs the server a process.
import pg from 'pg'
import { SILENCE_MS } from './silence.ts'

/** Of one process; BullMQ keeps one of them for each lane of a front, and one for a worker. */
const MAX_CONNECTIONS = 12

/** A process that is frozen amid a transaction would hold up all others. */
const MAX_IDLE_TRANSACTION_MS = 30_000

/** Where BullMQ has its tables. */
const SCHEMA_OPTION = '-c search_path=bullmq,public'

/**
 * A connection that may be lost at any time: its error goes to whoever asks over it, and an 'error' event that
 * no one listens to, such as amid a transaction or after BullMQ has let go of it, would end the process.
 */
class SteadyClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    this.on('error', ignore)
  }

  override removeAllListeners(event?: string | symbol): this {
    super.removeAllListeners(event)
    return this.on('error', ignore)
  }
}

function ignore(): void {
  // The pool and the queries tell it.
}

/**
 * @param onError told of each connection that is lost while it is idle; the pool opens another one
 * @param silence milliseconds after which a connection that does not answer is given up
 */
export function openPostgresPool(
  url: string,
  onError: (error: Error) => void,
  silence = SILENCE_MS,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    Client: SteadyClient,
    options: SCHEMA_OPTION,
    max: MAX_CONNECTIONS,
    idle_in_transaction_session_timeout: MAX_IDLE_TRANSACTION_MS,
    query_timeout: silence,
    connectionTimeoutMillis: silence,
    keepAlive: true,
  })
  return pool.on('error', onError)
}
