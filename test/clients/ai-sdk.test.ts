import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModel, ModelMessage } from 'ai'
import { generateObject, generateText, streamObject, streamText, tool } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FlocapError } from '../../src/base/errors.ts'
import { verifies } from '../contract/support/requirements.ts'
import { PNG } from '../support/pictures.ts'
import { createRecordedCaptioner } from '../support/recorded-answers.ts'
import { CAPTION, useLiveServers } from './live-server.ts'

const start = useLiveServers()

const MESSAGES: ModelMessage[] = [
  {
    role: 'user',
    content: [
      { type: 'text', text: 'What is this?' },
      { type: 'image', image: PNG },
    ],
  },
]

const TITLE = 'An anchor and a trophy on a white and lime background'
const TAGS = ['anchor', 'trophy']
const BOX = z.array(z.int()).length(4)

/** As apps write them: flat, nested, optional, lists of things, enums, counts. */
const SCHEMAS: [name: string, schema: z.ZodType, expected: unknown][] = [
  [
    'a title and tags',
    z.object({ title: z.string(), tags: z.array(z.string()) }),
    { title: TITLE, tags: TAGS },
  ],
  [
    'things with boxes',
    z.object({ objects: z.array(z.object({ label: z.string(), box: BOX })) }),
    {
      objects: TAGS.map((label) => ({ label, box: expect.arrayContaining([expect.any(Number)]) })),
    },
  ],
  [
    'nested and nullable',
    z.object({ image: z.object({ alt: z.string().max(60), mood: z.string().nullable() }) }),
    { image: { alt: TITLE, mood: null } },
  ],
  [
    'an enum and booleans',
    z.object({ kind: z.enum(['animal', 'trophy', 'other']), has_text: z.boolean() }),
    { kind: 'trophy', has_text: false },
  ],
  [
    'counts and text',
    z.object({ people: z.int(), object_count: z.int().min(0), ocr_text: z.string() }),
    { people: 0, object_count: 2, ocr_text: '' },
  ],
  [
    'one of several forms',
    z.object({ answer: z.union([z.object({ title: z.string() }), z.string()]) }),
    { answer: expect.anything() },
  ],
]

const MODELS: Record<string, (url: string) => LanguageModel> = {
  "@ai-sdk/openai's default model": (url) =>
    createOpenAI({ baseURL: `${url}/v1`, apiKey: 'none' })('florence-2-large'),
  '@ai-sdk/openai .chat': (url) =>
    createOpenAI({ baseURL: `${url}/v1`, apiKey: 'none' }).chat('florence-2-large'),
  '@ai-sdk/openai-compatible': (url) =>
    createOpenAICompatible({
      name: 'flocap',
      baseURL: `${url}/v1`,
      includeUsage: true,
      supportsStructuredOutputs: true,
    })('florence-2-large'),
}

describe.each(Object.entries(MODELS))('%s', (_, createModel) => {
  it(`captions ${verifies('AIS-1', 'SDK-1')}`, async () => {
    const { url } = await start()
    const { text, usage, finishReason } = await generateText({
      model: createModel(url),
      messages: MESSAGES,
    })
    expect(text).toBe(CAPTION)
    expect(finishReason).toBe('stop')
    expect(usage.inputTokens).toBe(590)
  })

  it(`streams ${verifies('AIS-1', 'SDK-2')}`, async () => {
    const { url } = await start()
    const { textStream, usage } = streamText({ model: createModel(url), messages: MESSAGES })
    let streamed = ''
    for await (const piece of textStream) streamed += piece
    expect(streamed).toBe(CAPTION)
    expect((await usage).outputTokens).toBe(6)
  })

  it(`shows FloCap's words when a picture is refused ${verifies('AIS-2', 'TRAP-15')}`, async () => {
    const error = new FlocapError('invalid_image', 'The file ends too early.')
    const { url, captioner } = await start({ error })
    const answer = generateText({ model: createModel(url), messages: MESSAGES })
    await expect(answer).rejects.toThrow('The file ends too early.')
    expect(captioner.calls).toHaveLength(1)
  })

  it.each(SCHEMAS)('gets an object that fits: %s', async (__, schema, expected) => {
    const { url } = await start({}, { captioner: createRecordedCaptioner() })
    const model = createModel(url)
    const { object } = await generateObject({ model, messages: MESSAGES, schema })
    expect(object).toEqual(expected)
  })

  it('calls the tool that it has to', async () => {
    const { url } = await start({}, { captioner: createRecordedCaptioner() })
    const { toolCalls, finishReason } = await generateText({
      model: createModel(url),
      messages: MESSAGES,
      tools: { save: tool({ inputSchema: z.object({ tags: z.array(z.string()) }) }) },
      toolChoice: 'required',
    })
    expect(finishReason).toBe('tool-calls')
    expect(toolCalls).toMatchObject([{ toolName: 'save', input: { tags: TAGS } }])
  })

  it('streams an object', async () => {
    const { url } = await start({}, { captioner: createRecordedCaptioner() })
    const schema = z.object({ description: z.string(), tags: z.array(z.string()) })
    const stream = streamObject({ model: createModel(url), messages: MESSAGES, schema })
    const parts: unknown[] = []
    for await (const part of stream.partialObjectStream) parts.push(part)
    expect(parts.length).toBeGreaterThan(3)
    expect(await stream.object).toMatchObject({ tags: TAGS })
  })
})

describe('an http image URL', () => {
  it(`is refused in readable words where the SDK passes it through ${verifies('AIS-3')}`, async () => {
    const { url } = await start()
    const model = createOpenAI({ baseURL: `${url}/v1`, apiKey: 'none' }).chat('florence-2-large')
    const image = new URL('https://example.com/a.png')
    const answer = generateText({
      model,
      messages: [{ role: 'user', content: [{ type: 'image', image }] }],
    })
    await expect(answer).rejects.toThrow(/is a web address, and FloCap does not download images/)
  })
})
