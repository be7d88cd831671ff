import { expect, it } from 'vitest'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { post } from '../../support/http-app.ts'
import { PNG, PNG_BASE64 } from '../../support/pictures.ts'
import { parseEvents } from '../../support/streams.ts'
import { createRecordedCaptioner } from '../../support/recorded-answers.ts'
import { record } from '../support/recording.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

/** What SillyTavern up to 1.12.14 sends. */
function completion(fields: object = {}): object {
  return {
    prompt: 'USER:[img-1]What is this?\nASSISTANT:',
    image_data: [{ data: PNG_BASE64, id: 1 }],
    ...fields,
  }
}

onEachTransport('Local text servers', (open) => {
  it(`/completion captions image_data ${verifies('ST-12')}`, async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const client = await open({ captioner })
    const response = await client.request('/completion', post(completion()))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      content: 'A dog.',
      stop: true,
      model: 'florence-2-large',
      stop_type: 'eos',
    })
    expect(Buffer.from(captioner.calls[0]?.request.picture ?? [])).toEqual(PNG)
    expect(captioner.calls[0]?.request.task).toBe('more_detailed_caption')
  })

  it('/completion takes a task token behind the picture', async () => {
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    await client.request('/completion', post(completion({ prompt: '[img-1]<OCR>' })))
    expect(captioner.calls[0]?.request.task).toBe('ocr')
  })

  it('/completion streams where it is asked to, and bounds the length', async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const client = await open({ captioner })
    const body = completion({ stream: true, n_predict: 1, stop: ['\n'] })
    const response = await client.request('/completion', post(body))
    const events = parseEvents(await response.text()).map(({ data }) => JSON.parse(data))
    expect(events).toMatchObject([
      { content: 'A', stop: false },
      { content: ' dog.', stop: false },
      { content: '', stop: true, stop_type: 'limit' },
    ])
    expect(captioner.calls[0]?.request.generation).toEqual({ maxNewTokens: 3, stop: ['\n'] })
  })

  it(`/completion fits a json_schema ${verifies('STRUCT-7')}`, async () => {
    const client = await open({ captioner: createRecordedCaptioner() })
    const json_schema = { type: 'object', properties: { title: { type: 'string' } } }
    const image_data = [{ data: PNG_BASE64, id: 1 }]
    const answer = await client.request('/completion', post({ json_schema, image_data }))
    expect(await answer.json()).toMatchObject({
      content: '{"title":"An anchor and a trophy on a white and lime background"}',
    })
  })

  it(`/completion without a picture answers 200 ${verifies('TRAP-25')}`, async () => {
    const response = await (await open()).request('/completion', post({ prompt: 'Hi' }))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ content: expect.stringContaining('image') })
  })

  it.each([
    ['/props', { modalities: { vision: true } }],
    ['/api/extra/version', { result: 'KoboldCpp', vision: true, protected: false }],
    ['/v1/internal/model/info', { model_name: 'florence-2-large', lora_names: [] }],
  ])('%s tells what the client asks before it captions', async (path, expected) => {
    const response = await (await open()).request(path)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject(expected)
  })

  it('answers exactly as recorded', async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const answers = {
      'completion.txt': () => client.request('/completion', post(completion())),
      'completion-stream.txt': () =>
        client.request('/completion', post(completion({ stream: true }))),
      'props.txt': () => client.request('/props'),
      'extra-version.txt': () => client.request('/api/extra/version'),
    }
    for (const [name, request] of Object.entries(answers)) {
      await expect(await record(await request())).toMatchFileSnapshot(`recorded/${name}`)
    }
  })
})
