import { expect, it } from 'vitest'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { post } from '../../support/http-app.ts'
import { PNG_BASE64 } from '../../support/pictures.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

onEachTransport('KoboldAI', (open) => {
  it(`describes pictures ${verifies('KOB-1')}`, async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const client = await open({ captioner })
    const body = { prompt: 'x', memory: '<OCR>', images: [PNG_BASE64], max_length: 50 }
    const response = await client.request('/api/v1/generate', post(body))
    expect(await response.json()).toMatchObject({
      results: [{ text: 'A dog.', finish_reason: 'stop' }],
    })
    expect(captioner.calls[0]?.request).toMatchObject({
      task: 'ocr',
      generation: { maxNewTokens: 52 },
    })
  })

  it(`answers what is asked before that ${verifies('KOB-2')}`, async () => {
    const client = await open()
    const answers = ['model', 'info/version', 'config/max_context_length'].map(async (name) => {
      const response = await client.request(`/api/v1/${name}`)
      const body: unknown = await response.json()
      return body
    })
    expect(await Promise.all(answers)).toEqual([
      { result: 'koboldcpp/florence-2-large' },
      { result: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
      { value: expect.any(Number) },
    ])
  })
})
