// What a script sees that manages the models of a running server.
import { describe, expect, it } from 'vitest'
import { createFakeModels } from '../../support/fake-models.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { verifies } from '../support/requirements.ts'
import { ErrorResponse } from '../../../src/http/surfaces/native/schema.ts'
import { ModelsResponse } from '../../../src/http/surfaces/manage/schema.ts'

const HERE = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }

function createScript(options: Parameters<typeof createTestApp>[0] = {}) {
  const models = createFakeModels()
  const app = createTestApp({ models, ...options })
  return {
    models,
    get: async () => app.request('/api/v1/manage/models', {}, HERE),
    send: async (path: string, body: unknown) =>
      app.request(`/api/v1/manage/${path}`, post(body), HERE),
    cancel: async () => app.request('/api/v1/manage/pull', { method: 'DELETE' }, HERE),
  }
}

describe('models of a running server', () => {
  it('are listed with what serves and why, and pulled and switched by their names', async () => {
    verifies('NAT-10')
    const { models, get, send, cancel } = createScript()
    const { serving, models: listed } = ModelsResponse.parse(await (await get()).json())
    expect(serving).toEqual({ name: 'bundled', reason: 'none installed' })
    expect(listed.map(({ name, installed_bytes: bytes }) => [name, bytes])).toEqual([
      ['bundled', 0],
      ['large', 1_546_000_000],
      ['base', null],
    ])
    // Begun, not done.
    expect((await send('pull', { model: 'base' })).status).toBe(202)
    expect((await cancel()).status).toBe(200)
    const switched = await send('switch', { model: 'large' })
    expect(switched.status).toBe(202)
    expect(ModelsResponse.parse(await switched.json()).management.allowed).toBe(true)
    expect(models.calls).toEqual(['pull base', 'cancel', 'switch large'])
  })

  it.each([
    [{}, 400, 'invalid_request'],
    [{ model: 7 }, 400, 'invalid_request'],
    [{ model: '' }, 400, 'invalid_request'],
    [{ model: 'x'.repeat(201) }, 400, 'invalid_request'],
    [{ model: 'base', force: true }, 400, 'invalid_request'],
    ['{"model":', 400, 'invalid_json'],
    [{ model: 'someone/else' }, 404, 'model_not_found'],
    [{ model: '../../etc' }, 404, 'model_not_found'],
  ])('refuse %j', async (body, status, code) => {
    verifies('NAT-10')
    const { models, send } = createScript()
    for (const path of ['pull', 'switch']) {
      const answer = await send(path, body)
      expect(answer.status).toBe(status)
      expect(ErrorResponse.parse(await answer.json()).error.code).toBe(code)
    }
    expect(models.calls).toEqual([])
  })

  it('are left as they are by a server that ends', async () => {
    verifies('NAT-10')
    const { models, send } = createScript({ isEnding: () => true })
    expect((await send('pull', { model: 'base' })).status).toBe(503)
    expect((await send('switch', { model: 'large' })).status).toBe(503)
    expect(models.calls).toEqual([])
  })
})
