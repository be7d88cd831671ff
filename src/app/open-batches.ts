// Files and batches of a server, as the settings say; none where they are turned off.
import { join } from 'node:path'
import { createBatches, type Batches } from '../batches/batches.ts'
import { createWebhook } from '../batches/webhook.ts'
import { FlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { DEFAULT_ADMISSION } from '../caption/admission.ts'
import type { Settings } from '../config/settings.ts'
import { acquireLock } from '../store/lock.ts'
import { openBatchQueue, QUEUE_WINDOW } from './batch-queue.ts'
import { BYTES_PER_MB } from './units.ts'

/** Under the home folder. */
const FOLDER = 'batches'

export interface OpenBatches {
  readonly batches: Batches
  close(): Promise<void>
}

/** @throws FlocapError invalid_setting for a webhook without a secret, and a queue that cannot be used. */
export async function openBatches(
  settings: Settings,
  logger: Logger,
  metrics: Metrics,
): Promise<OpenBatches | undefined> {
  const { batchStorageMb, batchFileMb, batchLines, engines, home, maxBodyMb, queue } = settings
  if (batchStorageMb === 0) return undefined
  const elsewhere =
    queue === ''
      ? undefined
      : await openBatchQueue({
          url: queue,
          files: async () => batches.files(),
          maxPictureBytes: maxBodyMb * BYTES_PER_MB,
          linesLeft() {
            const { total, done } = batches.summary().lines
            return total - done
          },
          logger,
          metrics,
        })
  const batches: Batches = createBatches({
    root: join(home, FOLDER),
    limits: {
      maxStoredBytes: batchStorageMb * BYTES_PER_MB,
      maxFileBytes: batchFileMb * BYTES_PER_MB,
      maxLines: batchLines,
      maxLineBytes: maxBodyMb * BYTES_PER_MB,
    },
    workers: elsewhere === undefined ? engines * DEFAULT_ADMISSION.places : QUEUE_WINDOW,
    ...(elsewhere === undefined ? {} : { elsewhere }),
    logger,
    metrics,
    lock: acquireLock,
    ...webhookOf(settings, logger),
  })
  return {
    batches,
    async close() {
      await batches.close()
      await elsewhere?.close()
    },
  }
}

function webhookOf({ batchWebhook: url, batchWebhookSecret: secret }: Settings, logger: Logger) {
  if (url === '') return {}
  if (secret === '') {
    throw new FlocapError('invalid_setting', 'Expected a secret for --batch-webhook, got none.', {
      subject: 'FLOCAP_BATCH_WEBHOOK_SECRET',
      hint: 'Set FLOCAP_BATCH_WEBHOOK_SECRET, and give the receiver the same one.',
    })
  }
  return { notify: createWebhook({ url, secret, logger }) }
}
