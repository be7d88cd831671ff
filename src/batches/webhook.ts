// Tells an address of the operator's that a batch has ended, as OpenAI's webhooks do and by their
// signatures (https://www.standardwebhooks.com): the clients' SDKs check and read them.
import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../base/log.ts'
import { withAnySignal } from '../base/with-any-signal.ts'
import { type Batch, secondsNow } from './objects.ts'

export interface WebhookOptions {
  readonly url: string
  /** `whsec_` and base64, or any text. */
  readonly secret: string
  readonly logger: Logger
  /** Milliseconds before the second and later attempts; shorter in tests. */
  readonly pausesMs?: readonly number[]
}

/** Over a quarter of an hour: a receiver that is being replaced is back by then. */
const PAUSES_MS = [1_000, 10_000, 60_000, 300_000, 600_000]
const TIMEOUT_MS = 15_000

const SECRET_PREFIX = 'whsec_'

/**
 * Posts `batch.completed`, `batch.failed`, `batch.expired` or `batch.cancelled`; a failure after the last
 * attempt is logged. Receivers may get an event twice: its id is the same then.
 */
export function createWebhook(
  options: WebhookOptions,
): (batch: Batch, signal: AbortSignal) => Promise<void> {
  const { url, secret, logger, pausesMs = PAUSES_MS } = options
  const key = keyOf(secret)
  return async ({ id, status }, signal) => {
    const event = {
      id: `evt_${id.slice('batch_'.length)}`,
      object: 'event',
      type: `batch.${status}`,
      created_at: secondsNow(),
      data: { id },
    }
    const body = JSON.stringify(event)
    for (const pause of [...pausesMs, undefined]) {
      const failure = await post(url, event.id, body, key, signal)
      if (failure === undefined || signal.aborted) return
      logger.warn({ batch: id, failure, retryInMs: pause }, 'a webhook was not taken')
      if (pause === undefined) return
      await sleep(pause, undefined, { signal }).catch(() => undefined)
    }
  }
}

/** @returns what went wrong. */
async function post(
  url: string,
  id: string,
  body: string,
  key: Buffer,
  signal: AbortSignal,
): Promise<string | undefined> {
  const timestamp = String(secondsNow())
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  try {
    return await withAnySignal([signal, AbortSignal.timeout(TIMEOUT_MS)], async (either) => {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${signature}`,
        },
        body,
        signal: either,
      })
      await response.body?.cancel()
      return response.ok ? undefined : `status ${response.status}`
    })
  } catch (error) {
    const { cause, message } = error instanceof Error ? error : new Error(String(error))
    return cause instanceof Error ? cause.message : message
  }
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(SECRET_PREFIX)
    ? Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    : Buffer.from(secret)
}
