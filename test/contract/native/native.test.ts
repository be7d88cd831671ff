import { expect, it } from 'vitest'
import { z } from 'zod'
import { createTasksCaptioner } from '../../../src/caption/tasks-captioner.ts'
import * as schema from '../../../src/http/surfaces/native/schema.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { post } from '../../support/http-app.ts'
import { PICTURES, PNG, PNG_BASE64, PNG_DATA_URL } from '../../support/pictures.ts'
import { parseEvents } from '../../support/streams.ts'
import { record } from '../support/recording.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'
import { form, PATH, raw } from './posts.ts'

onEachTransport('The native API', (open) => {
  it.each([
    ['JSON', post({ image: PNG_BASE64 })],
    ['JSON with a data URL and a name', post({ image: { data: PNG_DATA_URL, name: 'a.png' } })],
    ['a form', form({ file: PNG })],
    ['a form with base64 in a field', form({ image: PNG_BASE64 })],
    ['raw bytes as curl sends them', raw(PNG, 'application/x-www-form-urlencoded')],
    ['raw bytes of a picture', raw(PNG, 'image/png')],
    ['raw bytes of nothing in particular', raw(PNG, 'application/octet-stream')],
  ])(`takes a picture as %s ${verifies('NAT-1')}`, async (_, init) => {
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    const response = await client.request(PATH, init)
    expect(response.status).toBe(200)
    expect(schema.NativeResponse.parse(await response.json()).images).toHaveLength(1)
    expect(Buffer.from(captioner.calls[0]?.request.picture ?? []).equals(PNG)).toBe(true)
  })

  it(`takes raw bytes of every type ${verifies('NAT-1', 'TRAP-10')}`, async () => {
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    for (const picture of Object.values(PICTURES)) {
      const response = await client.request(PATH, raw(picture, 'image/jpeg'))
      expect(response.status).toBe(200)
      const sent = captioner.calls.at(-1)?.request.picture ?? []
      expect(Buffer.from(sent).equals(picture)).toBe(true)
    }
  })

  it(`takes no picture for JSON because of a brace behind zeros ${verifies('NAT-1')}`, async () => {
    // The directory of an icon: five pictures, the first of them 16x11 and 0x25b bytes long.
    const icon = Buffer.from(
      '00000100 0500 100b 0000 0000 2000 5b02 0000'.replaceAll(' ', ''),
      'hex',
    )
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    const response = await client.request(PATH, raw(icon, 'application/octet-stream'))
    expect(response.status).toBe(200)
    expect(Buffer.from(captioner.calls[0]?.request.picture ?? []).equals(icon)).toBe(true)
  })

  it(`answers pictures and tasks in their order ${verifies('NAT-2')}`, async () => {
    const client = await open()
    const body = {
      images: [{ data: PNG_BASE64, name: 'one.png' }, PNG_DATA_URL],
      tasks: [
        'caption',
        '<OD>',
        { task: 'grounding', input: 'a red car' },
        { task: 'region_to_category', region: [0.1, 0.2, 0.3, 0.4], region_unit: 'fraction' },
      ],
    }
    const response = await client.request(PATH, post(body))
    expect(response.headers.get('x-flocap-task')).toBe(
      'caption, od, caption_to_phrase_grounding, region_to_category',
    )
    const { images } = schema.NativeResponse.parse(await response.json())
    expect(images.map(({ name }) => name)).toEqual(['one.png', undefined])
    for (const { answers } of images) {
      expect(answers.map(({ task }) => task)).toEqual([
        'caption',
        'od',
        'caption_to_phrase_grounding',
        'region_to_category',
      ])
      expect(answers[2]?.text).toContain('a red car')
    }
  })

  it(`gives text for people and pixels for programs ${verifies('NAT-3')}`, async () => {
    const client = await open()
    const response = await client.request(`${PATH}?task=od`, raw(PNG, 'image/png'))
    const body: unknown = await response.json()
    expect(schema.NativeResponse.parse(body)).toEqual(body)
    expect(body).toMatchObject({
      model: 'florence-2-large',
      demo: false,
      images: [
        {
          width: 640,
          height: 480,
          answers: [
            {
              task: 'od',
              text: expect.stringContaining('od'),
              data: { kind: 'boxes', boxes: [{ label: 'car', box: [34, 160, 597, 372] }] },
              confidence: 0.5,
              finish_reason: 'stop',
            },
          ],
        },
      ],
    })
  })

  it(`draws SVG beside the answer, or alone with the picture inside ${verifies('NAT-4')}`, async () => {
    const client = await open()
    const beside = await client.request(`${PATH}?task=od&overlay=svg`, raw(PNG, 'image/png'))
    const { images } = schema.NativeResponse.parse(await beside.json())
    const overlay = images[0]?.answers[0]?.overlay
    expect(overlay).toEqual({ type: 'image/svg+xml', data: expect.stringMatching(/^<svg/) })
    expect(overlay?.data).not.toContain('<image')
    const alone = await client.request(`${PATH}?task=od`, {
      ...raw(PNG, 'image/png'),
      headers: { accept: 'image/svg+xml' },
    })
    expect(alone.headers.get('content-type')).toContain('image/svg+xml')
    expect(alone.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await alone.text()).toContain(`<image href="data:image/png;base64,${PNG_BASE64}"`)
  })

  it(`streams pieces, then the whole answer ${verifies('NAT-5')}`, async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const body = { images: [PNG_BASE64, PNG_BASE64], tasks: ['caption', 'od'], stream: true }
    const response = await client.request(PATH, post(body))
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const events = parseEvents(await response.text())
    const pieces = events
      .filter(({ name }) => name === 'answer-delta')
      .map(({ data }) =>
        z.object({ image: z.int(), answer: z.int(), text: z.string() }).parse(JSON.parse(data)),
      )
    const written = pieces.filter(({ image }) => image === 1).map(({ text }) => text)
    expect(written.join('').trim()).toBe('A dog.')
    expect(pieces.map(({ answer }) => answer)).not.toContain(1)
    expect(events.at(-1)?.name).toBe('answer-end')
    const end = schema.NativeResponse.parse(JSON.parse(events.at(-1)?.data ?? ''))
    expect(end.images).toHaveLength(2)
  })

  it.each([
    ['an unknown task', { image: PNG_BASE64, task: 'odd' }, 'unknown_task', 'task'],
    ['an unknown field', { image: PNG_BASE64, taks: 'od' }, 'invalid_request', 'taks'],
    ['a wrong number', { image: PNG_BASE64, num_beams: 0 }, 'invalid_request', 'num_beams'],
    ['too many beams', { image: PNG_BASE64, num_beams: 99 }, 'invalid_request', 'num_beams'],
    [
      'a text for a task that takes none',
      { image: PNG_BASE64, input: 'x' },
      'invalid_task_input',
      'input',
    ],
    [
      'a task without its text',
      { image: PNG_BASE64, task: 'ground' },
      'invalid_task_input',
      'input',
    ],
    [
      'a task without its region',
      { image: PNG_BASE64, task: 'region_to_ocr' },
      'invalid_task_input',
      'region',
    ],
    [
      'more answers than beams',
      { image: PNG_BASE64, num_beams: 2, num_return_sequences: 3 },
      'invalid_request',
      'num_return_sequences',
    ],
    ['half a region', { image: PNG_BASE64, region: [1, 2] }, 'invalid_request', 'region'],
    ['no picture', { task: 'od' }, 'missing_image', 'image'],
    ['a broken picture', { images: [PNG_BASE64, '<'] }, 'invalid_base64_image', 'images[1]'],
    ['a web address', { image: 'https://x/y.png' }, 'invalid_image_url', 'image'],
  ])(`explains %s ${verifies('NAT-6', 'TRAP-15')}`, async (_, body, code, subject) => {
    const client = await open()
    const response = await client.request(PATH, post(body))
    expect(response.status).toBe(400)
    expect(schema.ErrorResponse.parse(await response.json()).error).toMatchObject({
      code,
      subject,
      retry: 'never',
      request_id: response.headers.get('x-request-id'),
    })
  })

  it(`lists tasks and tells its state ${verifies('NAT-7')}`, async () => {
    const client = await open({ readiness: () => ({ ready: false, reason: 'compiling' }) })
    const { tasks } = schema.TasksResponse.parse(
      await (await client.request('/api/v1/tasks')).json(),
    )
    expect(tasks.find(({ id }) => id === 'od')).toMatchObject({
      token: '<OD>',
      takes: 'nothing',
      answer: 'boxes',
    })
    const status = schema.StatusResponse.parse(
      await (await client.request('/api/v1/status')).json(),
    )
    expect(status).toMatchObject({
      ready: false,
      reason: 'compiling',
      model: { id: 'florence-2-large', image_size: 768, fingerprint: 'f'.repeat(64) },
      limits: { max_images: 32 },
    })
  })

  it.each([
    ['a field of JSON', PATH, post({ image: PNG_BASE64, priority: 'bulk' })],
    ['a field of a form', PATH, form({ file: PNG, priority: 'bulk' })],
    ['the query', `${PATH}?priority=bulk`, raw(PNG, 'image/png')],
    ['a field of a stream', PATH, post({ image: PNG_BASE64, priority: 'bulk', stream: true })],
  ])(`comes after what people wait for, said by %s ${verifies('NAT-8')}`, async (_, path, init) => {
    const fake = createFakeCaptioner()
    const asked: unknown[] = []
    const captioner = createTasksCaptioner(
      () => fake.model,
      async (request, hooks) => {
        asked.push(hooks?.priority)
        return fake.captionTasks(request, hooks)
      },
    )
    const client = await open({ captioner })
    expect((await client.request(path, init)).status).toBe(200)
    const headers = new Headers(init.headers)
    headers.set('accept', 'image/svg+xml')
    await (await client.request(path, { ...init, headers })).text()
    expect(asked).toEqual(['bulk', 'bulk'])
    expect((await client.request(PATH, post({ image: PNG_BASE64 }))).status).toBe(200)
    expect(asked.at(-1)).not.toBe('bulk')
  })

  it(`knows two priorities ${verifies('NAT-6', 'NAT-8')}`, async () => {
    const client = await open({})
    const response = await client.request(`${PATH}?priority=urgent`, raw(PNG, 'image/png'))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: {
        code: 'invalid_request',
        message: 'Expected "interactive" or "bulk" for priority, got "urgent".',
        subject: 'priority',
      },
    })
  })

  it('answers exactly as recorded', async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const answers = {
      'caption.txt': () => client.request(PATH, post({ image: PNG_BASE64 })),
      'od-svg.txt': () =>
        client.request(PATH, post({ image: PNG_BASE64, task: 'od', overlay: 'svg' })),
      'stream.txt': () => client.request(PATH, post({ image: PNG_BASE64, stream: true })),
      'error.txt': () => client.request(PATH, post({ image: PNG_BASE64, task: 'odd' })),
      'tasks.txt': () => client.request('/api/v1/tasks'),
      'status.txt': () => client.request('/api/v1/status'),
    }
    for (const [name, request] of Object.entries(answers)) {
      await expect(await record(await request())).toMatchFileSnapshot(`recorded/${name}`)
    }
  })
})
