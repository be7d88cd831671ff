import { expect, it } from 'vitest'
import { ModelList } from '../../../src/http/surfaces/openai/schema.ts'
import { FAKE_MODEL, createFakeCaptioner } from '../../support/fake-captioner.ts'
import { record } from '../support/recording.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

onEachTransport('Models', (open) => {
  it.each(['/models', '/v1/models', '//models', '/v1/models/', '/v1/chat/completions/models'])(
    `are listed at %s ${verifies('ST-9', 'ST-5', 'TRAP-1', 'TRAP-3')}`,
    async (path) => {
      const response = await (await open()).request(path, { redirect: 'manual' })
      expect(response.status).toBe(200)
      const body: unknown = await response.json()
      expect(body).not.toHaveProperty('error')
      const { data } = ModelList.parse(body)
      expect(data[0]).toMatchObject({
        id: 'florence-2-large',
        object: 'model',
        created: 1_767_323_045,
        owned_by: 'flocap',
        architecture: { input_modalities: ['text', 'image'] },
      })
      expect(data.map(({ id }) => id)).toContain('florence-2-large:ocr')
    },
  )

  it(`are listed at once while the model loads ${verifies('OWUI-1')}`, async () => {
    const client = await open({
      captioner: createFakeCaptioner({ delayMs: Infinity }),
      readiness: () => ({ ready: false, reason: 'loading' }),
    })
    const response = await client.request('/models', { signal: AbortSignal.timeout(5_000) })
    expect(response.status).toBe(200)
  })

  it.each([
    'florence-2-large',
    'florence-2-large:ocr',
    'florence-2-large:latest',
    'florence-2-large%3Aocr',
  ])(`are shown by the id %s ${verifies('SDK-5')}`, async (id) => {
    const response = await (await open()).request(`/v1/models/${id}`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ id: decodeURIComponent(id), object: 'model' })
  })

  it(`are shown by ids with slashes ${verifies('SDK-5')}`, async () => {
    const model = { ...FAKE_MODEL, id: 'microsoft/Florence-2-large' }
    const client = await open({ captioner: createFakeCaptioner({ model }) })
    for (const id of [model.id, `${model.id}:od`, encodeURIComponent(model.id)]) {
      const response = await client.request(`/v1/models/${id}`)
      expect(response.status).toBe(200)
      expect(await response.json()).toMatchObject({ id: decodeURIComponent(id) })
    }
  })

  it('that are not served are not shown', async () => {
    const response = await (await open()).request('/v1/models/gpt-5')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'not_found', param: 'model' } })
  })

  it('are listed exactly as recorded', async () => {
    const response = await (await open()).request('/v1/models')
    await expect(await record(response)).toMatchFileSnapshot('recorded/models.txt')
  })
})
