// OpenAI's own client over batches whose lines workers answer, on each broker, with the built program.
import OpenAI, { toFile } from 'openai'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BROKERS } from '../support/brokers.ts'
import { startServerForTest } from '../support/program.ts'
import { startWorkerForTest } from '../support/queue-program.ts'
import { readSample } from '../support/samples.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const OVER = ['completed', 'failed', 'expired', 'cancelled']
/** Far more than are answered before it is cancelled. */
const MANY = 600

describe.each(BROKERS)('batches over a queue on $name', ({ missing, create }) => {
  it.skipIf(missing !== undefined)(
    "are created, polled, read and cancelled by OpenAI's client for JavaScript",
    async () => {
      const broker = await create()
      onTestFinished(() => broker.remove())
      const home = temporaryFolder()
      await startWorkerForTest(broker.url, home)
      const args = ['--queue', broker.url, '--answer-cache-mb', '0']
      const server = await startServerForTest(args, { environment: { FLOCAP_HOME: home } })
      await server.printed('Ready')
      const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' })
      const picture = await client.files.create({
        file: await toFile(readSample('scene-00.png'), 'a.png'),
        purpose: 'vision',
      })

      async function submit(count: number): Promise<OpenAI.Batch> {
        const image = { type: 'input_image', file_id: picture.id }
        const body = { model: 'm', input: [{ role: 'user', content: [image] }] }
        const lines = Array.from({ length: count }, (_, index) =>
          JSON.stringify({ custom_id: `${index}`, method: 'POST', url: '/v1/responses', body }),
        )
        const file = await client.files.create({
          file: await toFile(Buffer.from(lines.join('\n')), 'in.jsonl'),
          purpose: 'batch',
        })
        return client.batches.create({
          input_file_id: file.id,
          endpoint: '/v1/responses',
          completion_window: '24h',
        })
      }

      async function untilOver({ id }: OpenAI.Batch): Promise<OpenAI.Batch> {
        for (;;) {
          const batch = await client.batches.retrieve(id)
          if (OVER.includes(batch.status)) return batch
        }
      }

      async function idsOf({ output_file_id: id }: OpenAI.Batch): Promise<string[]> {
        if (typeof id !== 'string') return []
        const text = await (await client.files.content(id)).text()
        return text
          .trimEnd()
          .split('\n')
          .map((line): string => JSON.parse(line).custom_id)
      }

      const whole = await untilOver(await submit(5))
      expect(whole.request_counts).toEqual({ total: 5, completed: 5, failed: 0 })
      expect((await idsOf(whole)).toSorted()).toEqual(['0', '1', '2', '3', '4'])

      const many = await submit(MANY)
      await expect
        .poll(async () => (await client.batches.retrieve(many.id)).request_counts?.completed)
        .toBeGreaterThan(2)
      expect((await client.batches.cancel(many.id)).status).toBe('cancelling')
      const cancelled = await untilOver(many)
      expect(cancelled.status).toBe('cancelled')
      const ids = await idsOf(cancelled)
      expect(ids).toHaveLength(cancelled.request_counts?.completed ?? -1)
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids.length).toBeLessThan(MANY)
    },
  )
})
