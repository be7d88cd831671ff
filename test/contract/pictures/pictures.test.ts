// No picture is lost in silence: wherever a client put it, it is described, or the answer is an error
// that says where it stands.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TEXT_ONLY_ANSWER } from '../../../src/http/chat/text-only.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { PNG } from '../../support/pictures.ts'
import { OTHER_MEDIA_PARTS, PICTURE_MEMBERS, PICTURE_PARTS } from '../support/carriers.ts'
import { verifies } from '../support/requirements.ts'

/** Where each dialect puts a conversation. */
const DIALECTS: Readonly<Record<string, { path: string; key: string; fields: object }>> = {
  chat: { path: '/v1/chat/completions', key: 'messages', fields: {} },
  responses: { path: '/v1/responses', key: 'input', fields: {} },
  anthropic: { path: '/v1/messages', key: 'messages', fields: {} },
  ollama: { path: '/api/chat', key: 'messages', fields: { stream: false } },
}

async function send(dialect: string, messages: readonly object[], fields: object = {}) {
  const plan = DIALECTS[dialect]
  if (plan === undefined) throw new TypeError(dialect)
  const captioner = createFakeCaptioner()
  const body = { ...plan.fields, ...fields, [plan.key]: messages }
  const response = await createTestApp({ captioner }).request(plan.path, post(body))
  const pictures = captioner.calls.map(({ request }) => Buffer.from(request.picture))
  return { status: response.status, text: await response.text(), pictures }
}

/** What may stand around a part. */
const WRAPPERS: Readonly<Record<string, (part: object) => object>> = {
  nothing: (part) => part,
  'a result of a tool': (part) => ({ type: 'tool_result', content: [part] }),
  'a part that is not known': (part) => ({ type: 'wrapper', deep: { list: [part] } }),
}

const user = (content: unknown) => ({ role: 'user', content })

describe.each(Object.keys(DIALECTS))('%s', (dialect) => {
  it.each(Object.entries(PICTURE_PARTS))(
    `describes the picture of %s ${verifies('PIC-1')}`,
    async (_, part) => {
      const { status, pictures } = await send(dialect, [user(['What is this?', part])])
      expect(status).toBe(200)
      expect(pictures.map((picture) => picture.equals(PNG))).toEqual([true])
    },
  )

  it.each(Object.entries(PICTURE_MEMBERS))(
    `describes the picture of %s beside the content ${verifies('PIC-1')}`,
    async (_, members) => {
      const { pictures } = await send(dialect, [{ ...user('What is this?'), ...members }])
      expect(pictures.map((picture) => picture.equals(PNG))).toEqual([true])
    },
  )

  it.each(Object.entries(OTHER_MEDIA_PARTS))(
    `refuses %s by its place and kind ${verifies('PIC-2')}`,
    async (_, [part, name]) => {
      const { status, text } = await send(dialect, [user(['x', part])])
      expect(status).toBe(400)
      expect(text).toMatch(name)
      expect(text).toContain('content[1]')
    },
  )

  it(`describes pictures in messages of their own, then the question ${verifies('PIC-3')}`, async () => {
    const part = PICTURE_PARTS['OpenAI image_url']
    const messages = [user([part]), user([part]), user([part]), user('What are these?')]
    const { pictures, text } = await send(dialect, messages)
    expect(pictures.length).toBeGreaterThan(0)
    expect(text).toMatch(/Image(?:s 1-| )3/)
  })

  it(`never answers that it wants a picture where there is one ${verifies('PIC-4')}`, async () => {
    const text = fc.constantFrom('Hi', 'What is this?', '', 'Image 1:', '<OCR>')
    const role = fc.constantFrom('user', 'user', 'assistant', 'system', 'tool')
    const message = fc.record({ role, content: text })
    const parts: Readonly<Record<string, object>> = {
      ...PICTURE_PARTS,
      ...Object.fromEntries(
        Object.entries(OTHER_MEDIA_PARTS).map(([name, [part]]) => [name, part]),
      ),
    }
    const conversation = fc.record({
      before: fc.array(message, { maxLength: 4 }),
      role: fc.constantFrom('user', 'system', 'tool'),
      words: fc.array(text, { maxLength: 2 }),
      carrier: fc.constantFrom(...Object.keys(parts)),
      wrapper: fc.constantFrom(...Object.keys(WRAPPERS)),
      after: fc.array(message, { maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(conversation, async (drawn) => {
        const part = WRAPPERS[drawn.wrapper]?.(parts[drawn.carrier] ?? {})
        const holder = { role: drawn.role, content: [...drawn.words, part] }
        const messages = [...drawn.before, holder, ...drawn.after]
        const { status, text: answer, pictures } = await send(dialect, messages)
        expect(answer).not.toContain(TEXT_ONLY_ANSWER)
        expect([status, pictures.length > 0]).toSatisfy(
          ([code, described]) => code === 400 || (code === 200 && described === true),
        )
      }),
      { numRuns: 400 },
    )
  })
})

describe('beside the messages', () => {
  it.each(['images', 'image', 'image_base64'])('describes a picture in %j', async (name) => {
    const { pictures } = await send('chat', [user('x')], PICTURE_MEMBERS[name])
    expect(pictures).toHaveLength(1)
  })

  it('refuses a picture in a member that is not known', async () => {
    const { status, text } = await send('chat', [user('x')], {
      extra_body: { snapshot: PNG.toString('base64') },
    })
    expect(status).toBe(400)
    expect(text).toContain('extra_body.snapshot')
  })
})
