// The shared values in Redis or Valkey: a key each, with an expiry.
import { Redis } from 'ioredis'
import { FlocapError } from '../base/errors.ts'
import { redisOptions } from './redis-options.ts'
import type { SharedStore } from './shared-store.ts'

const PREFIX = 'flocap:shared:'
/** Of one step of the search by names; Redis answers others between steps. */
const SCAN_COUNT = 1_000

/** `SET` only where the value is still the caller's, in one step. */
const PROLONG = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`

/**
 * @param onError told of every lost connection; the driver connects again by itself
 * @param silence milliseconds after which a connection that does not answer is made again
 * @throws FlocapError `invalid_setting` where the broker may throw jobs away
 */
export async function openRedisStore(
  url: string,
  onError: (error: Error) => void,
  silence?: number,
): Promise<SharedStore> {
  const redis = new Redis(url, redisOptions(false, silence))
  redis.on('error', onError)
  try {
    assertKeepsEverything(await redis.info('memory'))
  } catch (error) {
    redis.disconnect()
    throw error
  }
  return createRedisStore(redis)
}

export function createRedisStore(redis: Redis): SharedStore {
  return {
    async put(name, value, milliseconds) {
      await redis.set(PREFIX + name, value, 'PX', milliseconds)
    },
    putIfAbsent: async (name, value, milliseconds) =>
      (await redis.set(PREFIX + name, value, 'PX', milliseconds, 'NX')) === 'OK',
    prolong: async (name, value, milliseconds) =>
      (await redis.eval(PROLONG, 1, PREFIX + name, value, milliseconds)) === 1,
    get: async (name) => (await redis.get(PREFIX + name)) ?? undefined,
    async list(prefix) {
      const names: string[] = []
      let cursor = '0'
      do {
        const [next, found] = await redis.scan(
          cursor,
          'MATCH',
          `${PREFIX}${prefix}*`,
          'COUNT',
          SCAN_COUNT,
        )
        names.push(...found)
        cursor = next
      } while (cursor !== '0')
      if (names.length === 0) return []
      return (await redis.mget(names)).filter((value) => value !== null)
    },
    async remove(name) {
      await redis.del(PREFIX + name)
    },
    close: () => {
      redis.disconnect()
      return Promise.resolve()
    },
  }
}

/** A Redis that evicts when it is full would lose jobs without a word. */
function assertKeepsEverything(memory: string): void {
  const policy = evictionPolicy(memory)
  if (policy === 'noeviction') return
  throw new FlocapError(
    'invalid_setting',
    `Expected a Redis with maxmemory-policy noeviction for --queue, got ${policy}: it drops jobs when its memory is full.`,
    { subject: '--queue', hint: 'In redis.conf: maxmemory-policy noeviction' },
  )
}

/** What it does when its memory is full. @param info as `INFO` gives it */
export function evictionPolicy(info: string): string {
  return /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction'
}
