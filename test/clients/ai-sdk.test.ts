import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModel, ModelMessage } from 'ai'
import { generateObject, generateText, streamText } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FlocapError } from '../../src/base/errors.ts'
import { verifies } from '../contract/support/requirements.ts'
import { PNG } from '../support/pictures.ts'
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

  it('gets an object where it asks for one', async () => {
    const { url } = await start()
    const { object } = await generateObject({
      model: createModel(url),
      messages: MESSAGES,
      schema: z.object({ alt_text: z.string() }),
    })
    expect(object).toEqual({ alt_text: CAPTION })
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
