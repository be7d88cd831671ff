import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { text } from 'node:stream/consumers'
import OpenAI from 'openai'
import { expect, it, onTestFinished } from 'vitest'
import { verifies } from '../support/requirements.ts'
import { portOf } from '../../support/port-of.ts'
import { createRecordingLogger } from '../../support/recording-logger.ts'
import { newBatch } from '../../../src/batches/new-batch.ts'
import { createWebhook } from '../../../src/batches/webhook.ts'

const SECRET = `whsec_${Buffer.from('a secret of 24 bytes, now').toString('base64')}`

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Answers with these statuses, one after the other. */
async function receiver(statuses: readonly number[]) {
  const received: Received[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    received.push({ headers: request.headers, body: await text(request) })
    const status = statuses[received.length - 1] ?? 200
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return { received, url: `http://127.0.0.1:${portOf(server)}/hook` }
}

const BATCH = {
  ...newBatch({
    inputFileId: 'file-1',
    endpoint: '/v1/responses',
    completionWindow: '24h',
    windowSeconds: 1,
    model: 'm',
    metadata: null,
    outputExpiresAfter: 1,
  }),
  status: 'completed' as const,
}

it(`is read and checked by OpenAI's client ${verifies('BATCH-14')}`, async () => {
  const { received, url } = await receiver([])
  const { logger } = createRecordingLogger()
  await createWebhook({ url, secret: SECRET, logger })(BATCH, new AbortController().signal)
  const client = new OpenAI({ apiKey: 'none', webhookSecret: SECRET })
  const { headers, body } = received[0]!
  const sent = new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  expect(await client.webhooks.unwrap(body, sent)).toMatchObject({
    object: 'event',
    type: 'batch.completed',
    data: { id: BATCH.id },
  })
  await expect(client.webhooks.unwrap(body.replace('batch_', 'batch-'), sent)).rejects.toThrow(
    /signature/,
  )
})

it('is sent again under the same id, and given up in the end', async () => {
  const { received, url } = await receiver([500, 302, 200])
  const { lines, logger } = createRecordingLogger()
  const notify = createWebhook({ url, secret: 'any text', logger, pausesMs: [1, 1] })
  await notify(BATCH, new AbortController().signal)
  expect(received).toHaveLength(3)
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(lines.map(({ fields }) => fields['failure'])).toEqual(['status 500', 'status 302'])

  const gone = await receiver([500, 500, 500, 500])
  await createWebhook({ url: gone.url, secret: 'x', logger, pausesMs: [1, 1] })(
    BATCH,
    new AbortController().signal,
  )
  expect(gone.received).toHaveLength(3)
})

it('ends with the server', async () => {
  const { received, url } = await receiver([500])
  const ending = new AbortController()
  const { logger } = createRecordingLogger()
  const told = createWebhook({ url, secret: 'x', logger, pausesMs: [600_000] })(
    BATCH,
    ending.signal,
  )
  await expect.poll(() => received.length).toBe(1)
  ending.abort()
  expect(await told).toBeUndefined()
})
