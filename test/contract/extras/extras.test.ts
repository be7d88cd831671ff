import { expect, it } from 'vitest'
import { createModelCaptioner } from '../../../src/caption/model-captioner.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createFakeVisionModel } from '../../support/fake-vision-model.ts'
import { post } from '../../support/http-app.ts'
import { PICTURES, PNG_BASE64 } from '../../support/pictures.ts'
import { record } from '../support/recording.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

const PAGE = 'http://127.0.0.1:8000'

onEachTransport('Extras', (open) => {
  it(`announces caption and nothing else ${verifies('ST-1', 'TRAP-20')}`, async () => {
    const client = await open()
    for (const authorization of [undefined, 'Bearer', 'Bearer key']) {
      const response = await client.request('/api/modules', {
        headers: { origin: PAGE, ...(authorization ? { authorization } : {}) },
      })
      expect(response.status).toBe(200)
      expect(response.headers.get('access-control-allow-origin')).toBe(PAGE)
      expect(await response.json()).toEqual({ modules: ['caption'] })
    }
  })

  it(`grants SillyTavern's preflight, also when a key is needed ${verifies('ST-2', 'TRAP-11')}`, async () => {
    const client = await open({ settings: { apiKeys: ['secret'] } })
    const names = 'authorization,bypass-tunnel-reminder,content-type'
    const response = await client.request('/api/caption', {
      method: 'OPTIONS',
      headers: {
        origin: PAGE,
        'access-control-request-method': 'POST',
        'access-control-request-headers': names,
      },
    })
    expect(response.ok).toBe(true)
    expect(response.headers.get('access-control-allow-origin')).toBe(PAGE)
    expect(response.headers.get('access-control-allow-headers')).toBe(names)
    expect(response.headers.get('access-control-allow-methods')).toContain('POST')
  })

  it(`answers a trimmed caption ${verifies('ST-3', 'TRAP-20')}`, async () => {
    const model = createFakeVisionModel({ answers: { more_detailed_caption: ' A dog. \n' } })
    const client = await open({ captioner: createModelCaptioner(model) })
    const response = await client.request('/api/caption', post({ image: PNG_BASE64 }))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ caption: 'A dog.' })
  })

  it.each([
    ['no image', {}, 400],
    ['an image that is not text', { image: 5 }, 400],
    ['an image that is null', { image: null }, 400],
    ['a list of images', { image: [PNG_BASE64] }, 400],
    ['an image that is not base64', { image: '<html>' }, 400],
    ['bytes that are no image', { image: 'AAAA' }, 400],
    ['a list', [], 400],
    ['a number', 5, 400],
  ])(
    `answers %s with a status, an error text and CORS headers ${verifies('ST-3', 'TRAP-15')}`,
    async (_, body, status) => {
      const client = await open()
      const response = await client.request('/api/caption', post(body, { origin: PAGE }))
      expect(response.status).toBe(status)
      expect(response.headers.get('access-control-allow-origin')).toBe(PAGE)
      expect(await response.json()).toEqual({ error: expect.stringMatching(/\w/) })
    },
  )

  it(`never answers 200 without a caption ${verifies('ST-3', 'ST-10', 'TRAP-7', 'TRAP-20')}`, async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: ' ' }) })
    const response = await client.request('/api/caption', post({ image: PNG_BASE64 }))
    expect(response.status).toBe(500)
    expect(response.headers.get('x-should-retry')).toBe('false')
  })

  it.each(Object.entries(PICTURES))(
    `takes a %s bare and as a data URL, whatever type it declares ${verifies('ST-4', 'TRAP-10')}`,
    async (_, picture) => {
      const captioner = createFakeCaptioner()
      const client = await open({ captioner })
      const base64 = picture.toString('base64')
      for (const image of [base64, `data:image/png;base64,${base64}`]) {
        expect((await client.request('/api/caption', post({ image }))).status).toBe(200)
      }
      for (const { request } of captioner.calls) {
        expect(Buffer.from(request.picture).equals(picture)).toBe(true)
      }
    },
  )

  it('answers exactly as recorded', async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const ok = await client.request('/api/caption', post({ image: PNG_BASE64 }))
    await expect(await record(ok)).toMatchFileSnapshot('recorded/caption.txt')
    const bad = await client.request('/api/caption', post({ image: '<html>' }))
    await expect(await record(bad)).toMatchFileSnapshot('recorded/error.txt')
    const modules = await client.request('/api/modules')
    await expect(await record(modules)).toMatchFileSnapshot('recorded/modules.txt')
  })
})
