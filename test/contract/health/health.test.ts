import { expect, it } from 'vitest'
import { record } from '../support/recording.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

const LOADING = () => ({ ready: false, reason: 'The model is being compiled.' }) as const
const FAILED = () => ({ ready: false, status: 'failed', reason: 'Damaged.' }) as const

onEachTransport('Signs of life', (open) => {
  it(`/readyz is 200 when captions can be made and 503 while they cannot ${verifies('LLMV-4')}`, async () => {
    expect((await (await open()).request('/readyz')).status).toBe(200)
    const loading = await (await open({ readiness: LOADING })).request('/readyz')
    expect(loading.status).toBe(503)
    expect(await loading.json()).toEqual({
      status: 'loading',
      reason: 'The model is being compiled.',
    })
    expect(loading.headers.get('retry-after')).toBe('5')
  })

  it('/ready promises nothing to who waits for a model that has failed', async () => {
    const failed = await (await open({ readiness: FAILED })).request('/ready')
    expect(failed.status).toBe(503)
    expect(failed.headers.get('retry-after')).toBeNull()
  })

  it(`/health is ok when the model is there, and 503 while it loads or cannot be loaded ${verifies('OBS-3', 'HEALTH-1')}`, async () => {
    const ok = await (await open()).request('/health')
    expect(ok.status).toBe(200)
    expect(await ok.json()).toMatchObject({ status: 'ok' })
    const loading = await (await open({ readiness: LOADING })).request('/health')
    expect(loading.status).toBe(503)
    expect(loading.headers.get('retry-after')).toBe('5')
    expect(await loading.json()).toEqual({
      error: { code: 503, message: 'Loading model', type: 'unavailable_error' },
    })
    const failed = await (await open({ readiness: FAILED })).request('/health')
    expect(failed.status).toBe(503)
    expect(failed.headers.get('retry-after')).toBeNull()
  })

  it.each(['busy', 'restarting'] as const)('/health is ok while it is %s', async (status) => {
    const readiness = () => ({ ready: false, status, reason: 'Soon.' }) as const
    expect((await (await open({ readiness })).request('/health')).status).toBe(200)
  })

  it('/livez is ok as long as the process lives', async () => {
    for (const readiness of [LOADING, FAILED]) {
      const response = await (await open({ readiness })).request('/livez')
      expect(response.status).toBe(200)
      expect(await response.json()).toMatchObject({ status: 'ok' })
    }
  })

  it('/ready tells a balancer how many places are free, and how long the next one would wait', async () => {
    const load = () => ({
      places: 4,
      freePlaces: 0,
      waiting: 3,
      waitMs: 6_840,
      serviceMs: 1_710,
      desiredReplicas: 1.6,
    })
    const answer = await (await open({ load })).request('/ready')
    expect(await answer.json()).toEqual({
      status: 'ready',
      places: 4,
      places_free: 0,
      waiting: 3,
      wait_seconds: 6.8,
    })
  })

  it('greets as Ollama does, with GET and HEAD', async () => {
    const client = await open()
    expect(await (await client.request('/')).text()).toBe('Ollama is running')
    const head = await client.request('/', { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(await head.text()).toBe('')
  })

  it('answers exactly as recorded', async () => {
    const client = await open()
    await expect(await record(await client.request('/'))).toMatchFileSnapshot('recorded/root.txt')
    await expect(await record(await client.request('/health'))).toMatchFileSnapshot(
      'recorded/health.txt',
    )
  })
})
