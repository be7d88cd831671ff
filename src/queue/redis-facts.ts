// What Redis or Valkey says of itself.
import { Redis } from 'ioredis'
import { ANSWER_MS, type BrokerFacts } from './facts.ts'
import { createRedisStore, evictionPolicy } from './redis-store.ts'
import { listWorkers } from './worker-notes.ts'

/** @throws Error of the driver where it does not answer, or not to this user */
export async function readRedisFacts(url: string): Promise<BrokerFacts> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  // What is wrong is thrown by the command that it stops.
  let failure: Error | undefined
  redis.on('error', (error) => {
    failure = error
  })
  try {
    await redis.connect()
    const info = await redis.info()
    const [seconds, micros] = await redis.time()
    const clockSeconds = Number(seconds) + Number(micros) / 1_000_000 - Date.now() / 1_000
    const policy = evictionPolicy(info)
    const isKept = /^aof_enabled:1/m.test(info)
    return {
      server: serverOf(info),
      drops: policy === 'noeviction' ? undefined : `maxmemory-policy is ${policy}`,
      forgets: isKept ? undefined : 'appendonly is off',
      clockSeconds,
      workers: await listWorkers(createRedisStore(redis)),
    }
  } catch (error) {
    throw failure ?? error
  } finally {
    redis.disconnect()
  }
}

function serverOf(info: string): string {
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1]
  if (valkey !== undefined) return `Valkey ${valkey}`
  return `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1] ?? 'of an unknown version'}`
}
