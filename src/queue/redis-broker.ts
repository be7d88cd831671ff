// The queue on Redis or Valkey.
import { createRedisBackend } from 'bullmq'
import { type Broker, brokerOf } from './broker.ts'
import { redisOptions } from './redis-options.ts'
import { openRedisStore } from './redis-store.ts'
import { SILENCE_MS } from './silence.ts'
import type { Trouble } from './trouble.ts'

/**
 * @param silence milliseconds after which a connection that does not answer is made again
 * @throws FlocapError `invalid_setting` where Redis may throw jobs away; what Redis says
 */
export async function openRedisBroker(
  url: string,
  trouble: Trouble,
  silence = SILENCE_MS,
): Promise<Broker> {
  const store = await openRedisStore(url, (error) => trouble.report(error), silence)
  const connect = (waits: boolean) => ({ url, ...redisOptions(waits, silence) })
  return brokerOf(createRedisBackend, connect, { store, trouble, silence })
}
