// How FloCap and BullMQ connect to Redis or Valkey.
import type { RedisOptions } from 'ioredis'
import { SILENCE_MS } from './silence.ts'

/** Between two tries to connect; a broker that is back is noticed soon. */
const LONGEST_PAUSE_MS = 2_000
const PAUSE_STEP_MS = 100

/**
 * @param waits whether commands wait in the driver for a broker that is away, as those of BullMQ's loops do; others
 *   end with an error
 * @param silence milliseconds after which a connection that does not answer is made again
 */
export function redisOptions(waits: boolean, silence = SILENCE_MS) {
  return {
    // With one retry, what is under way would wait as long as connections are made and closed at once.
    maxRetriesPerRequest: waits ? null : 0,
    socketTimeout: silence,
    connectTimeout: silence / 2,
    retryStrategy: (times: number) => Math.min(times * PAUSE_STEP_MS, LONGEST_PAUSE_MS),
    // What was the primary is now a replica: its name leads to another machine.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions
}
