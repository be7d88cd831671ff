import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FileList } from '../../../src/http/surfaces/batches/schema.ts'
import { startTestBatches, upload, uploadForm } from '../../support/batches.ts'
import { verifies } from '../support/requirements.ts'

describe('a file', () => {
  it(`is uploaded, shown, read and deleted ${verifies('BATCH-1')}`, async () => {
    const { app, root } = await startTestBatches()
    const file = await upload(app, 'one\ntwo\n', { purpose: 'user_data' })
    expect(file).toEqual({
      id: expect.stringMatching(/^file-[0-9a-z]{25}$/),
      object: 'file',
      bytes: 8,
      created_at: expect.any(Number),
      filename: 'in.jsonl',
      purpose: 'user_data',
      status: 'processed',
    })
    const shown = await app.request(`/v1/files/${file.id}`)
    expect(await shown.json()).toEqual(file)
    const content = await app.request(`/v1/files/${file.id}/content`)
    expect(content.headers.get('content-length')).toBe('8')
    expect(await content.text()).toBe('one\ntwo\n')
    const deleted = await app.request(`/v1/files/${file.id}`, { method: 'DELETE' })
    expect(await deleted.json()).toEqual({ id: file.id, object: 'file', deleted: true })
    expect((await app.request(`/v1/files/${file.id}`)).status).toBe(404)
    expect(readdirSync(join(root, 'local/files'))).toEqual([])
  })

  it(`is listed in pages ${verifies('BATCH-2')}`, async () => {
    const { app } = await startTestBatches()
    const made = []
    for (const purpose of ['batch', 'vision', 'batch', 'batch', 'vision']) {
      made.push(await upload(app, purpose, { purpose }))
    }
    const ids = made.map(({ id }) => id)
    const list = async (query: string) => {
      const answer = await app.request(`/v1/files?${query}`)
      expect(answer.status).toBe(200)
      const { data, has_more, first_id, last_id } = FileList.parse(await answer.json())
      const listed = data.map(({ id }) => ids.indexOf(id))
      expect([first_id, last_id]).toEqual([data[0]?.id ?? null, data.at(-1)?.id ?? null])
      return [listed, has_more]
    }
    expect(await list('')).toEqual([[4, 3, 2, 1, 0], false])
    expect(await list('limit=2')).toEqual([[4, 3], true])
    expect(await list(`limit=2&after=${ids[3]}`)).toEqual([[2, 1], true])
    expect(await list(`limit=2&after=${ids[1]}`)).toEqual([[0], false])
    expect(await list('order=asc&limit=1')).toEqual([[0], true])
    expect(await list(`order=asc&after=${ids[3]}`)).toEqual([[4], false])
    expect(await list('purpose=vision&limit=1')).toEqual([[4], true])
    expect(await list(`purpose=vision&after=${ids[4]}`)).toEqual([[1], false])
    for (const query of ['limit=0', 'limit=x', 'limit=10001', 'order=up', 'purpose=evals']) {
      expect((await app.request(`/v1/files?${query}`)).status).toBe(400)
    }
  })

  it(`expires ${verifies('BATCH-3')}`, async () => {
    const { app } = await startTestBatches()
    const input = await upload(app, 'a')
    expect(input.expires_at).toBe(input.created_at + 30 * 24 * 3600)
    const given = await upload(app, 'a', {
      'expires_after[anchor]': 'created_at',
      'expires_after[seconds]': '3600',
    })
    expect(given.expires_at).toBe(given.created_at + 3600)
    await expect(upload(app, 'a', { 'expires_after[seconds]': '60' })).rejects.toThrow(/3600/)
    // What is said without a number of seconds is not passed over.
    for (const half of [
      { 'expires_after[anchor]': 'created_at' },
      { expires_after: '{"anchor":"created_at","seconds":3600}' },
    ] as const) {
      await expect(upload(app, 'a', half)).rejects.toThrow(/expires_after\[seconds\], got expires_/)
    }
  })
})

it('tells the head of a content without opening it', async () => {
  const { app } = await startTestBatches()
  const { id } = await upload(app, 'x'.repeat(300_000))
  const response = await app.request(`/v1/files/${id}/content`, { method: 'HEAD' })
  expect([response.status, response.headers.get('content-length'), response.body]).toEqual([
    200,
    '300000',
    null,
  ])
})

describe('an upload', () => {
  it.each([
    ['no purpose', form({ file: new File(['x'], 'x') }), 'purpose'],
    ['another purpose', uploadForm('x', { purpose: 'fine-tune' }), 'purpose'],
    ['no file', form({ purpose: 'batch' }), 'file'],
    ['a file as text', form({ purpose: 'batch', file: 'x' }), 'file'],
    ['another field', form({ purpose: 'batch', picture: new File(['x'], 'x') }), 'file'],
  ])('with %s is refused, and keeps nothing', async (_name, body, word) => {
    const { app, root } = await startTestBatches()
    const response = await app.request('/v1/files', { method: 'POST', body })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(word)
    const folder = join(root, 'local/files')
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([])
  })

  it.each([
    [
      'two files',
      [
        ['file', new File(['x'], 'x')],
        ['file', new File(['y'], 'y')],
      ],
    ],
    [
      'a purpose twice',
      [
        ['purpose', 'batch'],
        ['purpose', 'batch'],
        ['file', new File(['x'], 'x')],
      ],
    ],
    [
      'a long field',
      [
        ['purpose', 'b'.repeat(5_000)],
        ['file', new File(['x'], 'x')],
      ],
    ],
    ['many fields', Array.from({ length: 40 }, (_, index) => [`f${index}`, 'x'])],
  ] as const)('with %s is refused', async (_name, parts) => {
    const { app } = await startTestBatches()
    const body = new FormData()
    for (const [name, value] of parts) {
      if (typeof value === 'string') body.append(name, value)
      else if (value !== undefined) body.append(name, value)
    }
    const response = await app.request('/v1/files', { method: 'POST', body })
    expect(response.status).toBe(400)
    const list = await (await app.request('/v1/files')).json()
    expect(list).toMatchObject({ data: [] })
  })

  it.each([
    ['application/json', '{}'],
    ['multipart/form-data', 'x'],
    ['multipart/form-data; boundary=b', 'x'],
    [
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf',
    ],
    [
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\ncontent-transfer-encoding: base64\r\n\r\neA==\r\n--b--\r\n',
    ],
  ])('of %s %j is refused', async (type, body) => {
    const { app } = await startTestBatches()
    const headers = { 'content-type': type }
    const response = await app.request('/v1/files', { method: 'POST', body, headers })
    expect(response.status).toBe(400)
    expect(await (await app.request('/v1/files')).json()).toMatchObject({ data: [] })
  })

  it('takes the fields of the form behind the file too', async () => {
    const { app } = await startTestBatches()
    const body = form({ file: new File(['abc'], 'x.png'), purpose: 'vision' })
    const response = await app.request('/v1/files', { method: 'POST', body })
    expect(await response.json()).toMatchObject({ purpose: 'vision', bytes: 3, filename: 'x.png' })
  })
})

describe('ids', () => {
  it.each([
    '../x',
    '..%2f..%2fapi-key',
    'file-',
    'file-../../../../../etc/passwd',
    'file-%00',
    'FILE-0mx1mkkb9cdd9e2c5ad26b4bb',
    'x'.repeat(5_000),
    'file-0mx1mkkb9cdd9e2c5ad26b4bb',
    'con',
  ])('such as %j lead nowhere', async (id) => {
    const { app } = await startTestBatches()
    await upload(app, 'x')
    for (const [method, path] of [
      ['GET', `/v1/files/${id}`],
      ['GET', `/v1/files/${id}/content`],
      ['DELETE', `/v1/files/${id}`],
      ['GET', `/v1/batches/${id}`],
      ['POST', `/v1/batches/${id}/cancel`],
    ] as const) {
      const response = await app.request(path, { method })
      expect([404, 405]).toContain(response.status)
    }
    const image = { image: `file:${id}` }
    const body = JSON.stringify(image)
    const headers = { 'content-type': 'application/json' }
    const response = await app.request('/api/v1/caption', { method: 'POST', body, headers })
    expect(response.status).toBe(400)
    expect(await (await app.request('/v1/files')).json()).toMatchObject({ data: [{ bytes: 1 }] })
  })
})

function form(fields: Readonly<Record<string, string | File>>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') data.append(name, value)
    else data.append(name, value)
  }
  return data
}
