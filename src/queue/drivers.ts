// BullMQ and the drivers of its brokers, which only those install who run a queue.
import { FlocapError } from '../base/errors.ts'
import type { QueueAddress } from './queue-url.ts'

/** The packages of a broker, with the versions that FloCap is tested with. */
const PACKAGES: Readonly<Record<QueueAddress['broker'], readonly string[]>> = {
  redis: ['bullmq@6', 'ioredis@5'],
  postgres: ['bullmq@6', 'pg@8'],
}

/**
 * @param load imports what belongs to `broker`
 * @throws FlocapError `invalid_setting` that says what to install
 */
export async function loadDrivers<T>(
  broker: QueueAddress['broker'],
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) {
      throw error
    }
    const packages = PACKAGES[broker].join(' ')
    throw new FlocapError(
      'invalid_setting',
      `--queue needs packages that do not come with FloCap: ${packages}.`,
      {
        subject: '--queue',
        hint: `Install them beside FloCap: npm install ${packages}`,
        cause: error,
      },
    )
  }
}
