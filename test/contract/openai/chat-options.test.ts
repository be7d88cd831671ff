import { describe, expect, it } from 'vitest'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { ask, CHAT_PATH, captionChat } from './chats.ts'

/** What the captioner is told for the fields of a chat. */
async function options(fields: object) {
  return (await ask(captionChat(fields))).requests[0]?.generation
}

describe('options of chats', () => {
  it('that bound the length are passed on, with room for the tokens no client knows of', async () => {
    expect(await options({ max_tokens: 300 })).toEqual({ maxNewTokens: 302 })
    expect(await options({ max_completion_tokens: 3000, max_tokens: 1 })).toEqual({
      maxNewTokens: 1024,
    })
    for (const max_tokens of [null, 0, -1]) expect(await options({ max_tokens })).toEqual({})
  })

  it('that cut the answer show in finish_reason', async () => {
    const { answer } = await ask(captionChat({ max_tokens: 1 }))
    expect(answer).toMatchObject({ choices: [{ finish_reason: 'length' }] })
  })

  it('n asks for more answers, as many as the search can give', async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const { answer } = await ask(captionChat({ n: 2 }), captioner)
    expect(answer.choices?.map(({ message }) => message.content)).toEqual([
      'A dog.',
      'A dog. Or so (1).',
    ])
    expect(await options({ n: 8 })).toEqual({ numReturnSequences: 8, numBeams: 8 })
  })

  it('stop is passed on as a list', async () => {
    expect(await options({ stop: '\n' })).toEqual({ stop: ['\n'] })
    expect(await options({ stop: ['a', ''] })).toEqual({ stop: ['a'] })
    const many = Array.from({ length: 64 }, (_, i) => `s${i}`)
    expect(await options({ stop: many })).toEqual({ stop: many })
  })

  it('of other kinds do no harm', async () => {
    expect(
      await options({
        tools: [{ type: 'function', function: { name: 'f' } }],
        tool_choice: 'auto',
        logprobs: true,
        logit_bias: { 1: 2 },
        seed: 1,
        user: 'u',
        metadata: { a: 'b' },
        temperature: null,
        top_p: null,
        presence_penalty: 0,
        reasoning_effort: 'low',
        parallel_tool_calls: false,
      }),
    ).toEqual({})
  })

  it.each([
    ['json_object', { type: 'json_object' }, { caption: 'A dog.' }],
    [
      'a schema',
      {
        type: 'json_schema',
        json_schema: {
          name: 'x',
          schema: {
            type: 'object',
            properties: {
              count: { type: 'integer' },
              kind: { type: 'string', enum: ['zebra'] },
              description: { type: ['string', 'null'] },
            },
          },
        },
      },
      { count: 1, description: 'A dog.' },
    ],
    ['an absent schema', { type: 'json_schema', json_schema: {} }, { caption: 'A dog.' }],
  ])('response_format: %s makes the content JSON', async (_, response_format, expected) => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const { content } = await ask(captionChat({ response_format }), captioner)
    expect(JSON.parse(content ?? '')).toEqual(expected)
  })

  it.each([
    ['n', 0],
    ['n', 9],
    ['stop', Array.from({ length: 65 }, (_, i) => `s${i}`)],
    ['n', 1.5],
    ['max_tokens', 'many'],
    ['max_tokens', 300.5],
    ['stream', 'yes'],
    ['messages', 'Hi'],
    ['messages', undefined],
    ['model', 5],
  ])('%s: %j is refused with its name', async (field, value) => {
    const { response, answer } = await ask(captionChat({ [field]: value }))
    expect(response.status).toBe(400)
    expect(answer).toMatchObject({ error: { type: 'invalid_request_error', param: field } })
  })

  it('that JSON writes but no number can hold are refused', async () => {
    const body = JSON.stringify(captionChat({ max_tokens: 1 })).replace(':1}', ':1e999}')
    const response = await createTestApp().request(CHAT_PATH, post(body))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { param: 'max_tokens' } })
  })
})
