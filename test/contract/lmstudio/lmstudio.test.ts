import { expect, it } from 'vitest'
import { FirstList, SecondList } from '../../../src/http/surfaces/lmstudio/schema.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

onEachTransport('LM Studio', (open) => {
  it(`lists the model in both forms ${verifies('LMS-1')}`, async () => {
    const client = await open()
    const first: unknown = await (await client.request('/api/v0/models')).json()
    expect(FirstList.parse(first).data[0]).toMatchObject({ type: 'vlm', state: 'loaded' })
    const second: unknown = await (await client.request('/api/v1/models')).json()
    expect(SecondList.parse(second).models[0]).toMatchObject({
      key: 'florence-2-large',
      capabilities: { vision: true },
    })
  })

  it('says when the model is not loaded', async () => {
    const client = await open({ readiness: () => ({ ready: false, reason: 'It loads.' }) })
    const second: unknown = await (await client.request('/api/v1/models')).json()
    expect(SecondList.parse(second).models[0]?.loaded_instances).toEqual([])
  })
})
