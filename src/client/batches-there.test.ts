import { describe, expect, it } from 'vitest'
import { startBatchServer } from '../../test/support/batch-server.ts'
import { createFakeCaptioner } from '../../test/support/fake-captioner.ts'
import { createRemoteBatches, type RemoteBatch } from './batches-there.ts'

async function made(url: string, apiKey: string): Promise<string> {
  const headers = { authorization: `Bearer ${apiKey}` }
  const line = { custom_id: 'a', method: 'POST', url: '/v1/responses', body: { input: 'x' } }
  const form = new FormData()
  form.append('purpose', 'batch')
  form.append('file', new File([JSON.stringify(line)], 'in.jsonl'))
  const file = await fetch(`${url}/v1/files`, { method: 'POST', body: form, headers })
  const { id } = JSON.parse(await file.text())
  const request = { input_file_id: id, endpoint: '/v1/responses', completion_window: '24h' }
  const body = JSON.stringify(request)
  const batch = await fetch(`${url}/v1/batches`, { method: 'POST', body, headers })
  return JSON.parse(await batch.text()).id
}

describe('batches of another server', () => {
  it('are listed over all pages, shown and cancelled', async () => {
    const captioner = createFakeCaptioner()
    const { url } = await startBatchServer({ captioner, settings: { apiKeys: ['key'] } })
    const ids: string[] = []
    for (let number = 0; number < 60; number += 1) ids.unshift(await made(url, 'key'))
    const batches = createRemoteBatches({ url: `${url}/`, apiKey: 'key', pageSize: 25 })
    const listed: RemoteBatch[] = []
    for await (const batch of batches.list()) listed.push(batch)
    expect(listed.map(({ id }) => id)).toEqual(ids)
    await expect.poll(async () => (await batches.show(ids[0] ?? '')).status).toBe('completed')
    await expect(batches.cancel(ids[0] ?? '')).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('which is completed'),
    })
  })

  it('are refused in words that help', async () => {
    const { url } = await startBatchServer({ settings: { apiKeys: ['key'] } })
    await expect(createRemoteBatches({ url, apiKey: 'key' }).show('batch_1')).rejects.toMatchObject(
      {
        code: 'not_found',
      },
    )
    await expect(createRemoteBatches({ url, apiKey: undefined }).show('b')).rejects.toMatchObject({
      code: 'unauthorized',
      hint: expect.stringContaining('FLOCAP_API_KEY'),
    })
    const nobody = createRemoteBatches({ url: 'http://127.0.0.1:9', apiKey: undefined })
    await expect(nobody.show('b')).rejects.toMatchObject({ subject: '--server' })
  })
})
