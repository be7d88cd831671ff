import { describe, expect, it } from 'vitest'
import type { CaptionTasksRequest } from '../../../src/caption/captioner.ts'
import { createTasksCaptioner } from '../../../src/caption/tasks-captioner.ts'
import * as schema from '../../../src/http/surfaces/native/schema.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { PNG, PNG_BASE64 } from '../../support/pictures.ts'
import { parseEvents } from '../../support/streams.ts'
import { verifies } from '../support/requirements.ts'
import { form, PATH, raw } from './posts.ts'

const SAID = 'The image shows a {red} dog. It runs on grass.'

/** Says always the same, and finds nothing. */
function createApp() {
  const fake = createFakeCaptioner()
  let asked = 0
  const captioner = createTasksCaptioner(
    () => fake.model,
    async (request: CaptionTasksRequest, hooks) => {
      asked += 1
      const results = await fake.captionTasks(request, hooks)
      return results.map((result) =>
        result.task === 'od'
          ? { ...result, text: 'No objects found.', data: { kind: 'boxes' as const, boxes: [] } }
          : { ...result, text: SAID, data: { kind: 'text' as const, text: SAID } },
      )
    },
  )
  return { app: createTestApp({ captioner }), asked: () => asked }
}

const RULES = {
  strip_openings: true,
  replace: [{ from: 'dog', to: 'cat' }],
  replace_regex: [{ from: 'r(e)d', to: 'bl$1w' }],
  length: 'short',
  suffix: ' (2026)',
  trigger: 'ohwx',
  escape: 'kohya',
} as const

describe('text rules of the native API', () => {
  it.each([
    ['JSON', PATH, post({ image: PNG_BASE64, text_rules: RULES })],
    ['a form', PATH, form({ file: PNG, text_rules: JSON.stringify(RULES) })],
    [
      'the query',
      `${PATH}?text_rules=${encodeURIComponent(JSON.stringify(RULES))}`,
      raw(PNG, 'image/png'),
    ],
  ])(`make a caption beside the text, in %s ${verifies('NAT-9')}`, async (_, path, init) => {
    const { app } = createApp()
    const { images } = schema.NativeResponse.parse(await (await app.request(path, init)).json())
    expect(images[0]?.answers[0]).toMatchObject({
      text: SAID,
      caption: 'ohwx, A {{blew}} cat. (2026)',
    })
  })

  it('leave answers without a word without a caption, and plain answers as they are', async () => {
    const { app } = createApp()
    const body = { image: PNG_BASE64, task: 'caption,od', text_rules: { tags: true } }
    const { images } = schema.NativeResponse.parse(
      await (await app.request(PATH, post(body))).json(),
    )
    expect(images[0]?.answers.map(({ caption }) => caption)).toEqual([
      'The image shows a {red} dog. It runs on grass',
      null,
    ])
    const plain = await app.request(PATH, post({ image: PNG_BASE64 }))
    expect(await plain.text()).not.toContain('"caption":')
  })

  it('are in streams at their end, and alone in plain text', async () => {
    const { app } = createApp()
    const body = { image: PNG_BASE64, text_rules: { strip_openings: true, length: 'short' } }
    const streamed = await app.request(PATH, post({ ...body, stream: true }))
    const last = parseEvents(await streamed.text()).at(-1)
    expect(JSON.stringify(last)).toContain('A {red} dog.')
    const request = post(body)
    const text = await app.request(PATH, {
      ...request,
      headers: { 'content-type': 'application/json', accept: 'text/plain' },
    })
    expect(await text.text()).toBe('A {red} dog.\n')
  })

  it.each([
    [{ replace_regex: [{ from: '(', to: '' }] }, 'text_rules.replace_regex'],
    [{ replace_regex: [{ from: '.{900}.{900}', to: '' }] }, 'text_rules.replace_regex'],
    [{ length: 'tiny' }, 'text_rules.length'],
    [{ replace: [{ from: '', to: 'x' }] }, 'text_rules.replace[0].from'],
    [{ shout: true }, 'text_rules.shout'],
  ])('are refused before anything is asked: %j', async (rules, subject) => {
    const { app, asked } = createApp()
    const response = await app.request(PATH, post({ image: PNG_BASE64, text_rules: rules }))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { subject } })
    expect(asked()).toBe(0)
  })

  it('name the rule that leaves nothing, and have no drawing', async () => {
    const { app } = createApp()
    const rules = { replace: [{ from: SAID, to: '' }] }
    const empty = await app.request(PATH, post({ image: PNG_BASE64, text_rules: rules }))
    expect(empty.status).toBe(400)
    expect(await empty.json()).toMatchObject({ error: { code: 'empty_caption' } })
    const request = post({ image: PNG_BASE64, task: 'od', text_rules: { tags: true } })
    const drawn = await app.request(PATH, {
      ...request,
      headers: { 'content-type': 'application/json', accept: 'image/svg+xml' },
    })
    expect(drawn.status).toBe(400)
    expect(await drawn.json()).toMatchObject({ error: { subject: 'text_rules' } })
  })
})
