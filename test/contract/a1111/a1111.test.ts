import { expect, it } from 'vitest'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { post } from '../../support/http-app.ts'
import { PNG_BASE64, PNG_DATA_URL } from '../../support/pictures.ts'
import { record } from '../support/recording.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

const PAGE = 'http://localhost:5001'

onEachTransport('A1111', (open) => {
  it(`captions for a page of KoboldAI Lite ${verifies('KAI-1')}`, async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    for (const image of [PNG_BASE64, PNG_DATA_URL]) {
      const response = await client.request(
        '/sdapi/v1/interrogate',
        post({ image, model: 'clip' }, { origin: PAGE }),
      )
      expect(response.status).toBe(200)
      expect(response.headers.get('access-control-allow-origin')).toBe(PAGE)
      expect(await response.json()).toMatchObject({ caption: 'A dog.' })
    }
  })

  it(`answers the lists that its clients look at first ${verifies('KAI-2')}`, async () => {
    const client = await open()
    expect(await (await client.request('/sdapi/v1/sd-models')).json()).toEqual([
      expect.objectContaining({ model_name: 'inactive' }),
    ])
    expect(await (await client.request('/sdapi/v1/options')).json()).toEqual({
      samples_format: 'png',
      sd_model_checkpoint: 'florence-2-large',
    })
  })

  it(`answers SD.Next's routes ${verifies('SDN-1')}`, async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const client = await open({ captioner })
    const asked = { image: PNG_BASE64, question: '<OCR>' }
    const vqa = await client.request('/sdapi/v1/vqa', post(asked))
    expect(await vqa.json()).toMatchObject({ answer: 'A dog.' })
    const caption = await client.request(
      '/sdapi/v1/caption',
      post({ image: PNG_BASE64, backend: 'openclip', prompt: 'x' }),
    )
    expect(await caption.json()).toMatchObject({ backend: 'openclip', caption: 'A dog.' })
    expect(captioner.calls.map(({ request }) => request.task)).toEqual([
      'ocr',
      'more_detailed_caption',
    ])
    const names = await client.request('/sdapi/v1/interrogate')
    expect(await names.json()).toContain('florence-2-large:ocr')
    const models = await client.request('/sdapi/v1/vqa/models')
    expect(await models.json()).toMatchObject([{ prompts: expect.arrayContaining(['<OD>']) }])
  })

  it('runs the default task for the models of A1111, and a task where one is named', async () => {
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    for (const model of ['clip', 'deepdanbooru', '', null, 'OCR']) {
      await client.request('/sdapi/v1/interrogate', post({ image: PNG_BASE64, model }))
    }
    const tasks = captioner.calls.map(({ request }) => request.task)
    expect(tasks).toEqual([...Array<string>(4).fill('more_detailed_caption'), 'ocr'])
  })

  it.each(['/sdapi/v1/interrogate', '/sdapi/v1/nothing'])(
    `answers mistakes at %s in the shape of A1111 ${verifies('TRAP-15')}`,
    async (path) => {
      const client = await open()
      const response = await client.request(path, post({ image: '<html>' }))
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(await response.json()).toEqual({
        error: expect.any(String),
        detail: expect.any(String),
        body: '',
        errors: expect.any(String),
      })
    },
  )

  it('answers exactly as recorded', async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const ok = await client.request('/sdapi/v1/interrogate', post({ image: PNG_BASE64 }))
    await expect(await record(ok)).toMatchFileSnapshot('recorded/interrogate.txt')
    const bad = await client.request('/sdapi/v1/interrogate', post({}))
    await expect(await record(bad)).toMatchFileSnapshot('recorded/error.txt')
  })
})
