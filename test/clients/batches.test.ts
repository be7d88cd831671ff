// OpenAI's own client over files and batches.
import OpenAI, { NotFoundError, toFile } from 'openai'
import { expect, it } from 'vitest'
import { verifies } from '../contract/support/requirements.ts'
import { createFakeCaptioner } from '../support/fake-captioner.ts'
import { PNG } from '../support/pictures.ts'
import { startBatchServer } from '../support/batch-server.ts'

const OVER = ['completed', 'failed', 'expired', 'cancelled']

it(`OpenAI's client for JavaScript uploads, creates, polls and reads ${verifies('BATCH-13')}`, async () => {
  const { url } = await startBatchServer()
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' })
  const picture = await client.files.create({
    file: await toFile(PNG, 'a.png'),
    purpose: 'vision',
  })
  const line = (id: string) => ({
    custom_id: id,
    method: 'POST',
    url: '/v1/responses',
    body: {
      model: 'florence-2-large',
      input: [{ role: 'user', content: [{ type: 'input_image', file_id: picture.id }] }],
    },
  })
  const input = ['a', 'b', 'c'].map((id) => JSON.stringify(line(id))).join('\n')
  const file = await client.files.create({
    file: await toFile(Buffer.from(input), 'in.jsonl'),
    purpose: 'batch',
    expires_after: { anchor: 'created_at', seconds: 7200 },
  })
  expect(file.expires_at).toBe(file.created_at + 7200)
  let batch = await client.batches.create({
    input_file_id: file.id,
    endpoint: '/v1/responses',
    completion_window: '24h',
    metadata: { set: 'one' },
    output_expires_after: { anchor: 'created_at', seconds: 3600 },
  })
  while (!OVER.includes(batch.status)) batch = await client.batches.retrieve(batch.id)
  expect(batch).toMatchObject({
    status: 'completed',
    metadata: { set: 'one' },
    request_counts: { total: 3, completed: 3, failed: 0 },
  })
  const content = await client.files.content(batch.output_file_id ?? '')
  const answers = (await content.text()).trimEnd().split('\n')
  const ids: unknown[] = answers.map((answer) => JSON.parse(answer).custom_id)
  expect(new Set(ids)).toEqual(new Set(['a', 'b', 'c']))
  expect(ids).toHaveLength(3)
  const output = await client.files.retrieve(batch.output_file_id ?? '')
  expect(output).toMatchObject({ purpose: 'batch_output', expires_at: output.created_at + 3600 })

  const files: string[] = []
  for await (const each of client.files.list({ limit: 1 })) files.push(each.purpose)
  expect(files).toEqual(['batch_output', 'batch', 'vision'])
  const batches: string[] = []
  for await (const each of client.batches.list({ limit: 1 })) batches.push(each.id)
  expect(batches).toEqual([batch.id])
  expect(await client.files.delete(file.id)).toMatchObject({ deleted: true })
  await expect(client.files.retrieve(file.id)).rejects.toThrow(NotFoundError)
})

it(`OpenAI's client for JavaScript cancels ${verifies('BATCH-13')}`, async () => {
  const { url } = await startBatchServer({ captioner: createFakeCaptioner({ delayMs: 20 }) })
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' })
  const image = `data:image/png;base64,${PNG.toString('base64')}`
  const body = { input: [{ role: 'user', content: [{ type: 'input_image', image_url: image }] }] }
  const input = Array.from({ length: 200 }, (_, index) =>
    JSON.stringify({ custom_id: `${index}`, method: 'POST', url: '/v1/responses', body }),
  )
  const file = await client.files.create({
    file: await toFile(Buffer.from(input.join('\n')), 'in.jsonl'),
    purpose: 'batch',
  })
  const request = {
    input_file_id: file.id,
    endpoint: '/v1/responses' as const,
    completion_window: '24h' as const,
  }
  let batch = await client.batches.create(request)
  while ((batch.request_counts?.completed ?? 0) < 4) batch = await client.batches.retrieve(batch.id)
  batch = await client.batches.cancel(batch.id)
  expect(batch.status).toBe('cancelling')
  while (!OVER.includes(batch.status)) batch = await client.batches.retrieve(batch.id)
  const content = await client.files.content(batch.output_file_id ?? '')
  const answers = (await content.text()).trimEnd().split('\n')
  expect(answers).toHaveLength(batch.request_counts?.completed ?? 0)
  expect(answers.length).toBeLessThan(200)
})
