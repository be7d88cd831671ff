import { expect, it } from 'vitest'
import { record } from '../support/recording.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

const LOADING = () => ({ ready: false, reason: 'The model is being compiled.' }) as const

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
    const readiness = () => ({ ready: false, status: 'failed', reason: 'Damaged.' }) as const
    const failed = await (await open({ readiness })).request('/ready')
    expect(failed.status).toBe(503)
    expect(failed.headers.get('retry-after')).toBeNull()
  })

  it(`/health is ok as long as the process lives ${verifies('OBS-3')}`, async () => {
    const response = await (await open({ readiness: LOADING })).request('/health')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ status: 'ok' })
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
