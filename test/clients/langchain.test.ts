import { HumanMessage } from '@langchain/core/messages'
import { ChatOllama } from '@langchain/ollama'
import { ChatOpenAI } from '@langchain/openai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { verifies } from '../contract/support/requirements.ts'
import { PNG_DATA_URL } from '../support/pictures.ts'
import { createRecordedCaptioner } from '../support/recorded-answers.ts'
import { CAPTION, useLiveServers } from './live-server.ts'

const start = useLiveServers()

const PHOTO = z.object({ title: z.string(), tags: z.array(z.string()) })
const PHOTO_ANSWER = {
  title: 'An anchor and a trophy on a white and lime background',
  tags: ['anchor', 'trophy'],
}

function openaiOf(url: string): ChatOpenAI {
  return new ChatOpenAI({
    model: 'florence-2-large',
    apiKey: 'none',
    configuration: { baseURL: `${url}/v1` },
  })
}

function ollamaOf(url: string): ChatOllama {
  return new ChatOllama({ model: 'florence-2-large', baseUrl: url })
}

function question(image: unknown, prompt = 'What is this?'): HumanMessage {
  return new HumanMessage({
    content: [
      { type: 'text', text: prompt },
      { type: 'image_url', image_url: image },
    ],
  })
}

describe('@langchain/openai', () => {
  it.each([
    ['string', PNG_DATA_URL],
    ['object', { url: PNG_DATA_URL }],
  ])(`captions an image_url that is a %s ${verifies('LC-1')}`, async (_, image) => {
    const { url } = await start()
    expect((await openaiOf(url).invoke([question(image)])).content).toBe(CAPTION)
  })

  it('streams', async () => {
    const { url } = await start()
    let text = ''
    for await (const chunk of await openaiOf(url).stream([question(PNG_DATA_URL)])) {
      text += chunk.text
    }
    expect(text).toBe(CAPTION)
  })

  it.each(['jsonSchema', 'functionCalling', 'jsonMode'] as const)(
    'gets structured output by %s',
    async (method) => {
      const { url } = await start({}, { captioner: createRecordedCaptioner() })
      const model = openaiOf(url).withStructuredOutput(PHOTO, { method })
      // In JSON mode LangChain leaves it to the caller to show the shape.
      const prompt = 'Answer in JSON: {"title": "A dog", "tags": ["dog"]}'
      expect(await model.invoke([question(PNG_DATA_URL, prompt)])).toEqual(PHOTO_ANSWER)
    },
  )

  it('shows why a picture is refused, after one request', async () => {
    const { url, captioner } = await start()
    const answer = openaiOf(url).invoke([question('data:image/png;base64,AAAA')])
    await expect(answer).rejects.toThrow('not an image')
    expect(captioner.calls).toHaveLength(1)
  })
})

describe('@langchain/ollama', () => {
  it(`finds the picture in the second message and the prompt in the first ${verifies('LC-2')}`, async () => {
    const { url, captioner } = await start()
    const { content } = await ollamaOf(url).invoke([question(PNG_DATA_URL, '<OCR>')])
    expect(content).toBe(CAPTION)
    expect(captioner.calls.map(({ request }) => request.task)).toEqual(['ocr'])
  })

  it('streams', async () => {
    const { url } = await start()
    let text = ''
    for await (const chunk of await ollamaOf(url).stream([question(PNG_DATA_URL)])) {
      text += chunk.text
    }
    expect(text).toBe(CAPTION)
  })

  it('shows why a picture is refused', async () => {
    const { url } = await start()
    const answer = ollamaOf(url).invoke([question('data:image/png;base64,AAAA')])
    await expect(answer).rejects.toThrow('not an image')
  })

  it.each(['jsonSchema', 'functionCalling', 'jsonMode'] as const)(
    'gets structured output by %s',
    async (method) => {
      const { url } = await start({}, { captioner: createRecordedCaptioner() })
      const model = ollamaOf(url).withStructuredOutput(PHOTO, { method })
      const prompt = 'Answer in JSON: {"title": "A dog", "tags": ["dog"]}'
      expect(await model.invoke([question(PNG_DATA_URL, prompt)])).toEqual(PHOTO_ANSWER)
    },
  )
})
