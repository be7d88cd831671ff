import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { PNG_BASE64, PNG_DATA_URL } from '../../support/pictures.ts'
import {
  makeBatch,
  readLinesOf,
  startTestBatches,
  untilBatch,
  upload,
} from '../../support/batches.ts'
import { hasEnded, StoredBatch, type Batch } from '../../../src/batches/objects.ts'
import { verifies } from '../support/requirements.ts'

const isOver = ({ status }: Batch): boolean => hasEnded(status)

function chatLine(id: string, url: string = PNG_DATA_URL): string {
  const image = { type: 'image_url', image_url: { url } }
  return line(id, '/v1/chat/completions', { messages: [{ role: 'user', content: [image] }] })
}

function line(id: string, url: string, body: object): string {
  return JSON.stringify({ custom_id: id, method: 'POST', url, body })
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => chatLine(`r${index}`)).join('\n')
}

describe('a batch', () => {
  it(`is completed, with every field of its object ${verifies('BATCH-4')}`, async () => {
    const { app } = await startTestBatches()
    const made = await makeBatch(app, lines(3), { metadata: { set: 'a' } })
    expect(made).toMatchObject({
      object: 'batch',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      status: 'validating',
      expires_at: made.created_at + 24 * 3600,
      in_progress_at: null,
      output_file_id: null,
      errors: null,
      metadata: { set: 'a' },
      model: 'florence-2-large',
    })
    const done = await untilBatch(app, made.id, isOver)
    expect(done).toMatchObject({
      status: 'completed',
      request_counts: { total: 3, completed: 3, failed: 0 },
      error_file_id: null,
      in_progress_at: expect.any(Number),
      finalizing_at: expect.any(Number),
      completed_at: expect.any(Number),
      cancelled_at: null,
    })
    expect(done.usage.input_tokens).toBe(3 * 590)
    expect(done.usage.total_tokens).toBe(done.usage.input_tokens + done.usage.output_tokens)
  })

  it(`has one answer for each line, in the output or in the errors ${verifies('BATCH-5')}`, async () => {
    const { app } = await startTestBatches()
    const input = [chatLine('good'), chatLine('bad', 'data:image/png;base64,AAAA'), chatLine('ü')]
    const made = await makeBatch(app, `${input.join('\n')}\n\n`)
    const done = await untilBatch(app, made.id, isOver)
    expect(done.request_counts).toEqual({ total: 3, completed: 2, failed: 1 })
    const output = await readLinesOf(app, done.output_file_id)
    const errors = await readLinesOf(app, done.error_file_id)
    expect(output.map(({ custom_id }) => custom_id).toSorted()).toEqual(['good', 'ü'])
    expect(output[0]).toMatchObject({
      id: expect.stringMatching(/^batch_req_/),
      error: null,
      response: { status_code: 200, body: { object: 'chat.completion' } },
    })
    expect(errors).toMatchObject([
      {
        custom_id: 'bad',
        error: null,
        response: {
          status_code: 400,
          body: { error: { code: 'unsupported_image_format', type: 'invalid_request_error' } },
        },
      },
    ])
  })

  it.each([
    [
      '/v1/chat/completions',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: PNG_DATA_URL }] }] },
    ],
    [
      '/v1/responses',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: PNG_DATA_URL }] }] },
    ],
    ['/api/v1/caption', { image: PNG_BASE64, tasks: ['caption', 'ocr'] }],
  ])(`of %s answers as the request would ${verifies('BATCH-6')}`, async (endpoint, body) => {
    const captioner = createFakeCaptioner()
    const { app } = await startTestBatches({ captioner })
    const made = await makeBatch(app, line('one', endpoint, body), { endpoint })
    const done = await untilBatch(app, made.id, isOver)
    const [output] = await readLinesOf(app, done.output_file_id)
    const direct: unknown = await (await app.request(endpoint, post(body))).json()
    expect(withoutIds(output?.response?.body)).toEqual(withoutIds(direct))
    expect(done.usage.output_tokens).toBeGreaterThan(0)
  })

  it(`fails as a whole for any mistake, naming each line ${verifies('BATCH-7')}`, async () => {
    const captioner = createFakeCaptioner()
    const { app } = await startTestBatches({ captioner })
    const wrong = [
      chatLine('a'),
      '{"custom_id":',
      chatLine('a'),
      line('b', '/v1/embeddings', {}),
      line('c', '/v1/chat/completions', { messages: [], stream: true }),
      JSON.stringify({ custom_id: 'd', method: 'GET', url: '/v1/chat/completions', body: {} }),
      JSON.stringify({ custom_id: '', method: 'POST', url: '/v1/chat/completions', body: {} }),
      '[]',
      JSON.stringify({ custom_id: 'e', method: 'POST', url: '/v1/chat/completions' }),
    ]
    const made = await makeBatch(app, wrong.join('\r\n'))
    const failed = await untilBatch(app, made.id, isOver)
    expect(failed).toMatchObject({
      status: 'failed',
      failed_at: expect.any(Number),
      output_file_id: null,
      error_file_id: null,
    })
    expect(failed.errors?.data.map(({ line: number, code }) => [number, code])).toEqual([
      [2, 'invalid_json_line'],
      [3, 'duplicate_custom_id'],
      [4, 'invalid_url'],
      [5, 'invalid_body'],
      [6, 'invalid_method'],
      [7, 'invalid_custom_id'],
      [8, 'invalid_json_line'],
      [9, 'invalid_body'],
    ])
    expect(captioner.calls).toHaveLength(0)
  })

  it(`that is cancelled keeps what was answered ${verifies('BATCH-8')}`, async () => {
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const captioner = createFakeCaptioner({ held })
    const { app } = await startTestBatches({ captioner }, { workers: 2 })
    const made = await makeBatch(app, lines(20))
    await expect.poll(() => captioner.calls.length).toBe(2)
    const response = await app.request(`/v1/batches/${made.id}/cancel`, { method: 'POST' })
    expect(await response.json()).toMatchObject({
      status: 'cancelling',
      cancelling_at: expect.any(Number),
    })
    release()
    const cancelled = await untilBatch(app, made.id, isOver)
    expect(cancelled).toMatchObject({
      status: 'cancelled',
      cancelled_at: expect.any(Number),
      request_counts: { total: 20, completed: 2, failed: 0 },
    })
    expect(await readLinesOf(app, cancelled.output_file_id)).toHaveLength(2)
    const again = await app.request(`/v1/batches/${made.id}/cancel`, { method: 'POST' })
    expect(again.status).toBe(400)
    expect(await again.json()).toMatchObject({ error: { message: /which is cancelled/ } })
  })

  it(`ends when its time is over ${verifies('BATCH-9')}`, async () => {
    const captioner = createFakeCaptioner({ delayMs: Infinity })
    const { app, batches, root } = await startTestBatches({ captioner }, { workers: 2 })
    const made = await makeBatch(app, lines(6))
    await expect.poll(() => captioner.calls.length).toBe(2)
    await batches.close()
    const path = join(root, 'local/batches', made.id, 'batch.json')
    const stored = StoredBatch.parse(JSON.parse(await readFile(path, 'utf8')))
    await writeFile(path, JSON.stringify({ ...stored, expires_at: stored.created_at - 1 }))
    const next = await startTestBatches({}, { root })
    const expired = await untilBatch(next.app, made.id, isOver)
    expect(expired).toMatchObject({
      status: 'expired',
      expired_at: expect.any(Number),
      output_file_id: null,
      request_counts: { total: 6, completed: 0, failed: 6 },
    })
    const errors = await readLinesOf(next.app, expired.error_file_id)
    expect(errors.map(({ custom_id }) => custom_id)).toEqual(
      Array.from({ length: 6 }, (_, index) => `r${index}`),
    )
    for (const each of errors) {
      expect(each).toMatchObject({ response: null, error: { code: 'batch_expired' } })
    }
  })

  it.each([
    [{ endpoint: '/v1/embeddings' }, 'endpoint'],
    [{ completion_window: 'soon' }, 'completion_window'],
    [{ completion_window: '31d' }, 'completion_window'],
    [{ metadata: { a: 1 } }, 'metadata.a'],
    [
      { output_expires_after: { anchor: 'created_at', seconds: 60 } },
      'output_expires_after.seconds',
    ],
  ])('is not made of %j', async (fields, param) => {
    const { app } = await startTestBatches()
    const { id } = await upload(app, lines(1))
    const request = {
      input_file_id: id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      ...fields,
    }
    const response = await app.request('/v1/batches', post(request))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { param } })
  })

  it('is made of files of its purpose only', async () => {
    const { app } = await startTestBatches()
    const { id } = await upload(app, 'x', { purpose: 'vision' })
    const request = { input_file_id: id, endpoint: '/v1/responses', completion_window: '24h' }
    const response = await app.request('/v1/batches', post(request))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { message: /purpose vision/ } })
  })

  it('goes on when its input is deleted', async () => {
    const captioner = createFakeCaptioner({ delayMs: 5 })
    const { app } = await startTestBatches({ captioner })
    const made = await makeBatch(app, lines(20))
    const deleted = await app.request(`/v1/files/${made.input_file_id}`, { method: 'DELETE' })
    expect(deleted.status).toBe(200)
    const done = await untilBatch(app, made.id, isOver)
    expect(done.request_counts.completed).toBe(20)
  })
})

describe('keys', () => {
  it(`see their own files and batches only ${verifies('BATCH-10')}`, async () => {
    const { app } = await startTestBatches({ settings: { apiKeys: ['mine', 'yours'] } })
    const mine = { authorization: 'Bearer mine' }
    const yours = { authorization: 'Bearer yours' }
    const made = await makeBatch(app, lines(1), {}, mine)
    const done = await untilBatch(app, made.id, isOver, mine)
    const paths = [
      ['GET', `/v1/files/${made.input_file_id}`],
      ['GET', `/v1/files/${made.input_file_id}/content`],
      ['GET', `/v1/files/${done.output_file_id}/content`],
      ['DELETE', `/v1/files/${made.input_file_id}`],
      ['GET', `/v1/batches/${made.id}`],
      ['POST', `/v1/batches/${made.id}/cancel`],
    ] as const
    for (const [method, path] of paths) {
      expect((await app.request(path, { method, headers: yours })).status).toBe(404)
      expect((await app.request(path, { method })).status).toBe(401)
    }
    const request = {
      input_file_id: made.input_file_id,
      endpoint: '/v1/responses',
      completion_window: '24h',
    }
    expect((await app.request('/v1/batches', post(request, yours))).status).toBe(404)
    for (const path of ['/v1/files', '/v1/batches']) {
      const list = await (await app.request(path, { headers: yours })).json()
      expect(list).toMatchObject({ object: 'list', data: [], first_id: null, has_more: false })
    }
    expect((await app.request(`/v1/files/${made.input_file_id}`, { headers: mine })).status).toBe(
      200,
    )
  })
})

describe('pictures by their file ids', () => {
  const png = new Uint8Array(Buffer.from(PNG_BASE64, 'base64'))

  it.each([
    [
      '/v1/responses',
      (id: string) => ({
        input: [{ role: 'user', content: [{ type: 'input_image', file_id: id }] }],
      }),
    ],
    [
      '/v1/chat/completions',
      (id: string) => ({
        messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: id } }] }],
      }),
    ],
    [
      '/v1/chat/completions',
      (id: string) => ({
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: `file:${id}` } }] },
        ],
      }),
    ],
    [
      '/v1/messages',
      (id: string) => ({
        max_tokens: 99,
        messages: [
          { role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: id } }] },
        ],
      }),
    ],
    ['/api/v1/caption', (id: string) => ({ image: `file:${id}` })],
  ])(`are read for %s ${verifies('BATCH-11')}`, async (endpoint, bodyOf) => {
    const captioner = createFakeCaptioner()
    const { app } = await startTestBatches({ captioner })
    const { id } = await upload(app, png, { purpose: 'vision' })
    expect((await app.request(endpoint, post(bodyOf(id)))).status).toBe(200)
    expect(Buffer.from(captioner.calls[0]?.request.picture ?? [])).toEqual(Buffer.from(png))
    const unknown = await app.request(endpoint, post(bodyOf('file-unknown')))
    expect(unknown.status).toBe(400)
    expect(await unknown.text()).toContain('file-unknown')
  })

  it('are those of the key that the batch was made with', async () => {
    const { app } = await startTestBatches({ settings: { apiKeys: ['mine', 'yours'] } })
    const mine = { authorization: 'Bearer mine' }
    const yours = { authorization: 'Bearer yours' }
    const { id } = await upload(app, png, { purpose: 'vision' }, mine)
    const input = chatLine('a', `file:${id}`)
    for (const [headers, counts] of [
      [mine, { completed: 1, failed: 0 }],
      [yours, { completed: 0, failed: 1 }],
    ] as const) {
      const made = await makeBatch(app, input, {}, headers)
      const done = await untilBatch(app, made.id, isOver, headers)
      expect(done.request_counts).toMatchObject(counts)
    }
  })
})

describe('limits', () => {
  it(`of a file and of a key refuse, and keep nothing ${verifies('BATCH-12')}`, async () => {
    const limits = { maxFileBytes: 1_000, maxStoredBytes: 1_500 }
    const { app } = await startTestBatches({}, { limits })
    await expect(upload(app, 'x'.repeat(1_001))).rejects.toThrow(/body_too_large.*|--batch-file-mb/)
    await upload(app, 'x'.repeat(1_000))
    await expect(upload(app, 'x'.repeat(501))).rejects.toThrow(/--batch-storage-mb/)
    const last = await upload(app, 'x'.repeat(500))
    await app.request(`/v1/files/${last.id}`, { method: 'DELETE' })
    await upload(app, 'y'.repeat(500))
    const list = await (await app.request('/v1/files')).json()
    expect(list).toMatchObject({ data: [{ bytes: 500 }, { bytes: 1_000 }] })
  })

  it(`of lines fail the batch ${verifies('BATCH-12')}`, async () => {
    const { app } = await startTestBatches({}, { limits: { maxLines: 2, maxLineBytes: 500 } })
    const tooMany = await makeBatch(
      app,
      [1, 2, 3].map((id) => line(`${id}`, '/v1/chat/completions', {})).join('\n'),
    )
    expect((await untilBatch(app, tooMany.id, isOver)).errors?.data).toMatchObject([
      { code: 'too_many_lines', message: expect.stringContaining('--batch-lines'), line: null },
    ])
    const tooLong = await makeBatch(app, line('a', '/v1/chat/completions', { x: 'y'.repeat(600) }))
    expect((await untilBatch(app, tooLong.id, isOver)).errors?.data).toMatchObject([
      { code: 'line_too_large', line: 1 },
    ])
    const empty = await makeBatch(app, '\n \n')
    expect((await untilBatch(app, empty.id, isOver)).errors?.data).toMatchObject([
      { code: 'empty_file' },
    ])
  })
})

it('without a store there are no such routes', async () => {
  const app = createTestApp()
  for (const path of ['/v1/files', '/v1/batches']) {
    expect((await app.request(path)).status).toBe(404)
  }
})

/** What differs between two answers to one request. */
function withoutIds(body: unknown): unknown {
  return JSON.parse(
    JSON.stringify(body, (key, value: unknown) =>
      ['id', 'created', 'created_at', 'cached'].includes(key) ? undefined : value,
    ),
  )
}
