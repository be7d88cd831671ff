import { describe, expect, it } from 'vitest'
import { FlocapError } from '../../../src/base/errors.ts'
import * as schema from '../../../src/http/surfaces/native/schema.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { PNG, PNG_BASE64 } from '../../support/pictures.ts'
import { parseEvents } from '../../support/streams.ts'
import { form, PATH, raw } from './posts.ts'

describe('requests of the native API', () => {
  const captioner = createFakeCaptioner()
  const app = createTestApp({ captioner, settings: { maxImages: 2 } })

  it('may give every field in the query or in a form', async () => {
    const query = new URLSearchParams({
      task: 'region_to_ocr',
      region: '1,2,30,40',
      num_beams: '5',
      max_new_tokens: '50',
      early_stopping: 'never',
      length_penalty: '1.5',
      num_return_sequences: '2',
      apply_orientation: 'false',
      background: '#F80',
      stop: 'x',
    })
    const expected = {
      task: 'region_to_ocr',
      region: { unit: 'pixel', box: [1, 2, 30, 40] },
      applyOrientation: false,
      background: '#ff8800',
      generation: {
        numBeams: 5,
        maxNewTokens: 50,
        earlyStopping: 'never',
        lengthPenalty: 1.5,
        numReturnSequences: 2,
        stop: ['x'],
      },
    }
    await app.request(`${PATH}?${query.toString()}`, raw(PNG, 'image/png'))
    expect(captioner.calls.at(-1)?.request).toMatchObject(expected)
    await app.request(PATH, form({ file: PNG, ...Object.fromEntries(query) }))
    expect(captioner.calls.at(-1)?.request).toMatchObject(expected)
  })

  it('may name several tasks with commas or by repeating', async () => {
    for (const query of ['task=od,ocr', 'task=od&task=ocr']) {
      const response = await app.request(`${PATH}?${query}`, raw(PNG, 'image/png'))
      const { images } = schema.NativeResponse.parse(await response.json())
      expect(images[0]?.answers.map(({ task }) => task)).toEqual(['od', 'ocr'])
    }
  })

  it('leave the background of transparent pictures to the server, or name one', async () => {
    await app.request(PATH, post({ image: PNG_BASE64 }))
    expect(captioner.calls.at(-1)?.request.background).toBeUndefined()
    await app.request(PATH, post({ image: PNG_BASE64, background: 'reference' }))
    expect(captioner.calls.at(-1)?.request.background).toBe('reference')
    const refused = await app.request(PATH, post({ image: PNG_BASE64, background: 'red' }))
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({
      error: {
        message:
          "Expected white, black, checker, reference or a colour such as #ff8800 for background, got 'red'.",
        subject: 'background',
      },
    })
  })

  it('sample where a temperature or a seed is given', async () => {
    await app.request(`${PATH}?temperature=0.7&seed=3`, raw(PNG, 'image/png'))
    expect(captioner.calls.at(-1)?.request.generation).toEqual({
      sampling: { temperature: 0.7, topP: 1, seed: 3 },
    })
  })

  it('may send several files in a form, which keep their names', async () => {
    const response = await app.request(PATH, form({ first: PNG, second: PNG }))
    const { images } = schema.NativeResponse.parse(await response.json())
    expect(images.map(({ name }) => name)).toEqual(['first.png', 'second.png'])
  })

  it('get plain text where they ask for it', async () => {
    const accept = { accept: 'text/plain' }
    const one = await app.request(PATH, post({ image: PNG_BASE64 }, accept))
    expect(one.headers.get('content-type')).toContain('text/plain')
    expect(await one.text()).toMatch(/^A more_detailed_caption of \d+ bytes\.\n$/)
    const two = await app.request(
      PATH,
      post({ images: [PNG_BASE64, { data: PNG_BASE64, name: 'b' }] }, accept),
    )
    expect(await two.text()).toMatch(/^Image 1: A .*\nb: A .*\n$/)
  })

  it('are limited in pictures and tasks', async () => {
    const many = await app.request(PATH, post({ images: Array(3).fill(PNG_BASE64) }))
    expect(many.status).toBe(400)
    const tasks = await app.request(PATH, post({ image: PNG_BASE64, tasks: Array(40).fill('od') }))
    expect(tasks.status).toBe(400)
  })

  it.each([
    ['an empty body', raw(Buffer.alloc(0), 'image/png'), 'missing_image'],
    ['an empty file in a form', form({ file: Buffer.alloc(0) }), 'empty_image_file'],
    ['a form without a boundary', raw(PNG, 'multipart/form-data'), 'invalid_request'],
    [
      'a form that is cut off',
      raw(Buffer.from('--x\r\n'), 'multipart/form-data; boundary=x'),
      'invalid_request',
    ],
    ['JSON that is a list', post([]), 'invalid_request'],
    [
      'bytes that are no picture',
      raw(Buffer.from('hello'), 'image/png'),
      'unsupported_image_format',
    ],
  ])('that hold %s are refused', async (_, init, code) => {
    const response = await app.request(PATH, init)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code } })
  })

  it('for a drawing ask one task on one picture', async () => {
    const response = await app.request(`${PATH}?task=od,ocr`, {
      ...raw(PNG, 'image/png'),
      headers: { accept: 'image/svg+xml' },
    })
    expect(response.status).toBe(400)
  })
})

async function drawPng(picture: Uint8Array, svg: string) {
  return Buffer.from(`PNG of ${picture.byteLength}, ${svg.slice(0, 4)}`)
}

const drawing = {
  png: drawPng,
  preview: async () => Buffer.from('a JPEG'),
}

describe('drawings', () => {
  it('are PNG files where the server can draw them', async () => {
    const app = createTestApp({ drawing })
    const inside = await app.request(PATH, post({ image: PNG_BASE64, task: 'od', overlay: 'png' }))
    const { images } = schema.NativeResponse.parse(await inside.json())
    expect(images[0]?.answers[0]?.overlay).toEqual({
      type: 'image/png',
      data: Buffer.from(`PNG of ${PNG.byteLength}, <svg`).toString('base64'),
    })
    const headers = { accept: 'image/png' }
    const alone = await app.request(PATH, post({ image: PNG_BASE64, task: 'od' }, headers))
    expect(alone.headers.get('content-type')).toBe('image/png')
    expect(await alone.text()).toBe(`PNG of ${PNG.byteLength}, <svg`)
  })

  it('show the picture as it was looked at', async () => {
    const views: unknown[] = []
    const app = createTestApp({
      drawing: {
        ...drawing,
        async png(picture, svg, view) {
          views.push(view)
          return drawPng(picture, svg)
        },
      },
    })
    const body = { image: PNG_BASE64, task: 'od', apply_orientation: false, background: 'black' }
    await app.request(PATH, post({ ...body, overlay: 'png' }))
    await app.request(PATH, post(body, { accept: 'image/png' }))
    const seen = { applyOrientation: false, background: 'black' }
    expect(views).toEqual([seen, seen])
  })

  it('that the server cannot make are refused', async () => {
    const body = { image: PNG_BASE64, task: 'od', overlay: 'png' }
    const response = await createTestApp().request(PATH, post(body))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { subject: 'overlay' } })
  })
})

async function answered(task: string) {
  const response = await createTestApp().request(PATH, post({ image: PNG_BASE64, task }))
  const { images } = schema.NativeResponse.parse(await response.json())
  const { width, height, answers } = images[0]!
  return { image: PNG_BASE64, width, height, answers }
}

describe('drawings of answers that are known', () => {
  const DRAW = '/api/v1/draw'

  it('take what the API has answered, in any format', async () => {
    const app = createTestApp({ drawing })
    const body = await answered('caption,od')
    const expected = {
      png: ['image/png', /^PNG of \d+, <svg$/],
      svg: ['image/svg+xml; charset=utf-8', /<image href="data:image\/png;base64,[^]*>car</],
      preview: ['image/jpeg', /^a JPEG$/],
    } as const
    for (const [format, [type, text]] of Object.entries(expected)) {
      const response = await app.request(DRAW, post({ ...body, format }))
      expect(response.headers.get('content-type')).toBe(type)
      expect(await response.text()).toMatch(text)
    }
    const usual = await app.request(DRAW, post(body))
    expect(usual.headers.get('content-type')).toBe('image/png')
  })

  it('are of the picture alone without answers, for who cannot show its format', async () => {
    const app = createTestApp({ drawing })
    const size = `${PNG.byteLength}`
    const png = await app.request(DRAW, post({ image: PNG_BASE64 }))
    expect(await png.text()).toBe(`PNG of ${size}, `)
    const preview = await app.request(DRAW, post({ image: PNG_BASE64, format: 'preview' }))
    expect(preview.headers.get('content-type')).toBe('image/jpeg')
  })

  it.each([
    [
      'there is nothing to draw as SVG',
      async () => ({ image: PNG_BASE64, format: 'svg' }),
      'format',
    ],
    [
      'answers come without the size of their picture',
      async () => ({ ...(await answered('od')), height: undefined }),
      'height',
    ],
    ['nothing has places', async () => answered('caption'), 'answers'],
    ['there are no answers', async () => ({ ...(await answered('od')), answers: [] }), 'answers'],
    ['a side is none', async () => ({ ...(await answered('od')), width: 0 }), 'width'],
    [
      'an answer is of no kind',
      async () => ({ ...(await answered('od')), answers: [{ data: { kind: 'odd' } }] }),
      'answers[0].data.kind',
    ],
  ])('are refused where %s', async (_, body, subject) => {
    const response = await createTestApp({ drawing }).request(DRAW, post(await body()))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request', subject } })
  })
})

describe('streams of the native API', () => {
  it('fail with a status before the first piece and with an event after it', async () => {
    const error = new FlocapError('engine_failed', 'The engine died.')
    const body = post({ image: PNG_BASE64, stream: true })
    const early = createTestApp({ captioner: createFakeCaptioner({ error }) })
    expect((await early.request(PATH, body)).status).toBe(503)
    const late = createTestApp({ captioner: createFakeCaptioner({ errorAfterText: error }) })
    const last = parseEvents(await (await late.request(PATH, body)).text()).at(-1)
    expect(last?.name).toBe('error')
    expect(JSON.parse(last?.data ?? '')).toMatchObject({ error: { code: 'engine_failed' } })
  })
})

async function askFor(path: string, body: object | undefined, task: string) {
  const captioner = createFakeCaptioner()
  const app = createTestApp({ captioner })
  const init = body === undefined ? raw(PNG, 'image/png') : post({ image: PNG_BASE64, ...body })
  const response = await app.request(`/api/v1/caption${path}`, init)
  const requests = captioner.calls.map(({ request }) => request)
  expect(requests.every((request) => request.task === task)).toBe(true)
  return { response, requests }
}

describe('several inputs', () => {
  it('of phrases are one request, with the token of Florence-2 between them', async () => {
    const task = 'open_vocabulary_detection'
    for (const [path, body] of [
      ['', { task, input: ['a car', ' a house '] }],
      [`?task=${task}&input=a%20car&input=a%20house`, undefined],
    ] as const) {
      const { requests } = await askFor(path, body, task)
      expect(requests.map(({ input }) => input)).toEqual(['a car<and>a house'])
    }
  })

  it('of regions are one request for each', async () => {
    const task = 'region_to_category'
    const { requests } = await askFor(
      '',
      {
        task,
        region: [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
      },
      task,
    )
    expect(requests.map(({ region }) => region?.box)).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ])
  })

  it.each([
    ['', { task: 'vqa', input: ['a', 'b'] }, 'Expected one text for input of the task vqa, got 2.'],
    ['?task=od&num_beams=1&num_beams=2', undefined, 'Expected one value for num_beams, got 2.'],
  ])('are refused where only one is taken: %s', async (path, body, message) => {
    const { response } = await askFor(path, body, 'od')
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { message } })
  })
})
