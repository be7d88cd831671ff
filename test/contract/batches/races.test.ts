// What several requests at the same moment, or one that comes in the middle of another, may not do to files
// and batches.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasEnded } from '../../../src/batches/objects.ts'
import type { HttpApp } from '../../../src/http/app.ts'
import {
  makeBatch,
  readLinesOf,
  startTestBatches,
  untilBatch,
  upload,
  uploadForm,
} from '../../support/batches.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { post } from '../../support/http-app.ts'
import { PNG_DATA_URL } from '../../support/pictures.ts'

const line = (customId: string): string =>
  JSON.stringify({
    custom_id: customId,
    method: 'POST',
    url: '/v1/chat/completions',
    body: {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: PNG_DATA_URL }] }],
    },
  })

async function statusesOf(
  count: number,
  ask: () => Response | Promise<Response>,
): Promise<Record<number, number>> {
  const answers = await Promise.all(Array.from({ length: count }, async () => ask()))
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

const remove = async (app: HttpApp, id: string): Promise<Response> =>
  app.request(`/v1/files/${id}`, { method: 'DELETE' })

const batchOf = (id: string): object => ({
  input_file_id: id,
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
})

describe('uploads at the same time', () => {
  it('have one room together, and leave nothing of what did not fit', async () => {
    const { app, root } = await startTestBatches({}, { limits: { maxStoredBytes: 1_000_000 } })
    const statuses = await statusesOf(12, async () =>
      app.request('/v1/files', { method: 'POST', body: uploadForm('x'.repeat(400_000)) }),
    )
    // Two fit; where three filled the room together, none of these did.
    const kept = statuses[200] ?? 0
    expect(kept).toBeLessThanOrEqual(2)
    expect(statuses).toEqual({ ...(kept > 0 ? { 200: kept } : {}), 507: 12 - kept })
    expect(readdirSync(join(root, 'local/files'))).toHaveLength(kept)
    await upload(app, 'x'.repeat(1_000_000 - kept * 400_000))
    await expect(upload(app, 'x')).rejects.toThrow(/storage_full/)
  })

  it('of nothing are bounded in number', async () => {
    const { app } = await startTestBatches({}, { limits: { maxFiles: 5 } })
    const statuses = await statusesOf(9, async () =>
      app.request('/v1/files', { method: 'POST', body: uploadForm('') }),
    )
    expect(statuses).toEqual({ 200: 5, 507: 4 })
    await expect(upload(app, 'x')).rejects.toThrow(/more than 5 files/)
  })
})

describe('a file that is deleted', () => {
  it('by many at once is deleted once, and its room is free once', async () => {
    const { app } = await startTestBatches({}, { limits: { maxStoredBytes: 100 } })
    const { id } = await upload(app, 'x'.repeat(60))
    expect(await statusesOf(20, async () => remove(app, id))).toEqual({ 200: 1, 404: 19 })
    await upload(app, 'x'.repeat(90))
    await expect(upload(app, 'x'.repeat(90))).rejects.toThrow(/storage_full/)
  })

  it('while it is sent is sent as a whole', async () => {
    const { app } = await startTestBatches()
    const { id } = await upload(app, 'x'.repeat(300_000))
    const response = await app.request(`/v1/files/${id}/content`)
    await remove(app, id)
    expect(await response.text()).toHaveLength(300_000)
  })

  it.each([0, 1, 2, 3, 5, 8])('%i ms after it was asked for is there or not', async (ms) => {
    const { app } = await startTestBatches()
    const { id } = await upload(app, 'x'.repeat(100_000))
    const asking = statusesOf(10, async () => {
      const response = await app.request(`/v1/files/${id}/content`)
      const text = await response.text()
      if (response.status === 200) expect(text).toHaveLength(100_000)
      return response
    })
    await new Promise((resolve) => {
      setTimeout(resolve, ms)
    })
    await remove(app, id)
    const { 200: whole = 0, 404: gone = 0 } = await asking
    expect(whole + gone).toBe(10)
  })

  it('is no way to more room: as the input of a batch it still counts', async () => {
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const captioner = createFakeCaptioner({ held })
    const limits = { maxStoredBytes: 100_000 }
    const { app } = await startTestBatches({ captioner }, { limits })
    const lines = `${line('a')}${' '.repeat(60_000)}`
    const first = await makeBatch(app, lines)
    await remove(app, first.input_file_id)
    const { id } = await upload(app, lines)
    const refused = await app.request('/v1/batches', post(batchOf(id)))
    expect([refused.status, await refused.json()]).toEqual([
      507,
      { error: expect.objectContaining({ code: 'storage_full' }) },
    ])
    release()
    await untilBatch(app, first.id, ({ status }) => hasEnded(status))
    await expect
      .poll(async () => (await app.request('/v1/batches', post(batchOf(id)))).status)
      .toBe(200)
  })
})

describe('batches', () => {
  it('that are made at the same time are counted together', async () => {
    const captioner = createFakeCaptioner({ delayMs: Infinity })
    const { app } = await startTestBatches({ captioner })
    const { id } = await upload(app, line('a'))
    const statuses = await statusesOf(80, async () => app.request('/v1/batches', post(batchOf(id))))
    expect(statuses).toEqual({ 200: 64, 503: 16 })
  })

  it('that are cancelled by many at once end once', async () => {
    const { app } = await startTestBatches({ captioner: createFakeCaptioner({ delayMs: 50 }) })
    const made = await makeBatch(app, Array.from({ length: 30 }, (_, n) => line(`${n}`)).join('\n'))
    const cancel = async (): Promise<Response> =>
      app.request(`/v1/batches/${made.id}/cancel`, { method: 'POST' })
    expect(await statusesOf(10, cancel)).toEqual({ 200: 10 })
    const done = await untilBatch(app, made.id, ({ status }) => hasEnded(status))
    expect(done.status).toBe('cancelled')
    expect(await statusesOf(3, cancel)).toEqual({ 400: 3 })
  })

  it('tell every custom_id from every other', async () => {
    const { app } = await startTestBatches()
    const customIds = ['\ud800', '\ud801', '\ufffd', 'a\0b', '__proto__', '\u2028', 'é', 'e\u0301']
    const made = await makeBatch(app, customIds.map(line).join('\n'))
    const done = await untilBatch(app, made.id, ({ status }) => hasEnded(status))
    expect(done).toMatchObject({ status: 'completed', errors: null })
    const output = await readLinesOf(app, done.output_file_id)
    expect(output.map(({ custom_id }) => custom_id).toSorted()).toEqual(customIds.toSorted())
  })
})
