// Answers that fit a schema, and calls of a single tool, over Ollama's routes.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createTestApp, post } from '../../support/http-app.ts'
import { PNG_BASE64 } from '../../support/pictures.ts'
import { createRecordedCaptioner } from '../../support/recorded-answers.ts'
import { verifies } from '../support/requirements.ts'

const SCHEMA = {
  type: 'object',
  properties: { people: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } },
  required: ['people', 'tags'],
}
const ANSWER = { people: 0, tags: ['anchor', 'trophy'] }
const TOOL = { type: 'function', function: { name: 'save', parameters: SCHEMA } }
const QUESTION = { role: 'user', content: 'What is this?', images: [PNG_BASE64] }

async function send(path: string, body: object): Promise<Response> {
  return createTestApp({ captioner: createRecordedCaptioner() }).request(path, post(body))
}

const Line = z.looseObject({
  response: z.string().optional(),
  message: z.looseObject({ content: z.string(), tool_calls: z.unknown().optional() }).optional(),
  done: z.boolean(),
})

async function linesOf(path: string, body: object) {
  const text = await (await send(path, body)).text()
  return text
    .trim()
    .split('\n')
    .map((line) => Line.parse(JSON.parse(line)))
}

describe('format', () => {
  it.each([true, false])(`a schema: stream %s ${verifies('STRUCT-6')}`, async (stream) => {
    const generated = await linesOf('/api/generate', {
      prompt: 'x',
      images: [PNG_BASE64],
      format: SCHEMA,
      stream,
    })
    expect(JSON.parse(generated.map(({ response }) => response).join(''))).toEqual(ANSWER)
    const chatted = await linesOf('/api/chat', { messages: [QUESTION], format: SCHEMA, stream })
    expect(JSON.parse(chatted.map(({ message }) => message?.content).join(''))).toEqual(ANSWER)
  })

  it(`json takes its shape from an example in the prompt ${verifies('STRUCT-6')}`, async () => {
    const prompt =
      'Respond with JSON exactly like {"labels":[{"name":"sunset","confidence":0.7,"topicality":0.6}]}.'
    const [line] = await linesOf('/api/generate', {
      prompt,
      images: [PNG_BASE64],
      format: 'json',
      stream: false,
    })
    expect(JSON.parse(line?.response ?? '')).toEqual({
      labels: ['anchor', 'trophy'].map((name) => ({
        name,
        confidence: expect.any(Number),
        topicality: 0,
      })),
    })
  })

  it('that is neither is refused', async () => {
    const response = await send('/api/chat', { messages: [QUESTION], format: 'yaml' })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: expect.stringContaining('"yaml"') })
  })
})

describe('tools', () => {
  it.each([true, false])(
    `a single one is called: stream %s ${verifies('STRUCT-6')}`,
    async (stream) => {
      const lines = await linesOf('/api/chat', { messages: [QUESTION], tools: [TOOL], stream })
      expect(lines.at(-1)).toMatchObject({
        done: true,
        message: { content: '', tool_calls: [{ function: { name: 'save', arguments: ANSWER } }] },
      })
    },
  )

  it.each([
    ['of several none', { messages: [QUESTION], tools: [TOOL, TOOL] }],
    [
      'after its result no more',
      {
        messages: [
          QUESTION,
          { role: 'assistant', content: '' },
          { role: 'tool', content: 'saved' },
        ],
        tools: [TOOL],
      },
    ],
  ])('%s', async (_, body) => {
    const [line] = await linesOf('/api/chat', { ...body, stream: false })
    expect(line?.message?.content).toMatch(/^The image shows/)
  })
})
