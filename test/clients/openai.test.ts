import OpenAI, { APIError, BadRequestError, NotFoundError } from 'openai'
import { zodFunction, zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FlocapError } from '../../src/base/errors.ts'
import { verifies } from '../contract/support/requirements.ts'
import { PNG_DATA_URL } from '../support/pictures.ts'
import { createRecordedCaptioner } from '../support/recorded-answers.ts'
import { CAPTION, useLiveServers } from './live-server.ts'

const start = useLiveServers()

function clientOf(url: string, path = '/v1'): OpenAI {
  return new OpenAI({ baseURL: `${url}${path}`, apiKey: 'none' })
}

const CHAT = {
  model: 'florence-2-large',
  messages: [
    {
      role: 'user' as const,
      content: [
        { type: 'text' as const, text: "What's in this image?" },
        { type: 'image_url' as const, image_url: { url: PNG_DATA_URL } },
      ],
    },
  ],
}

const RESPONSE = {
  model: 'florence-2-large',
  input: [
    {
      role: 'user' as const,
      content: [
        { type: 'input_text' as const, text: 'Describe.' },
        { type: 'input_image' as const, image_url: PNG_DATA_URL, detail: 'auto' as const },
      ],
    },
  ],
}

async function failureOf(promise: Promise<unknown>): Promise<APIError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(APIError)
  if (!(error instanceof APIError)) throw new TypeError('not reached')
  return error
}

describe('openai', () => {
  it.each(['/v1', '/v1/', '', '/'])(
    `captions with the base URL ending in %j ${verifies('SDK-1')}`,
    async (path) => {
      const { url } = await start()
      const answer = await clientOf(url, path).chat.completions.create(CHAT)
      expect(answer.choices[0]?.message).toEqual({
        role: 'assistant',
        content: CAPTION,
        refusal: null,
      })
      expect(answer.usage?.total_tokens).toBe(596)
    },
  )

  it(`streams a caption with usage ${verifies('SDK-2')}`, async () => {
    const { url } = await start()
    const stream = await clientOf(url).chat.completions.create({
      ...CHAT,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let usage: number | undefined
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      usage = chunk.usage?.total_tokens ?? usage
    }
    expect(text).toBe(CAPTION)
    expect(usage).toBe(596)
  })

  it('gathers a stream with its own helper', async () => {
    const { url } = await start()
    const runner = clientOf(url).chat.completions.stream(CHAT)
    expect(await runner.finalContent()).toBe(CAPTION)
  })

  it('captions through responses, at once and streamed', async () => {
    const { url } = await start()
    const client = clientOf(url)
    expect((await client.responses.create(RESPONSE)).output_text).toBe(CAPTION)
    const streamed = await client.responses.stream(RESPONSE).finalResponse()
    expect(streamed.output_text).toBe(CAPTION)
    expect(streamed.status).toBe('completed')
  })

  it(`lists and shows models ${verifies('SDK-5', 'ST-9')}`, async () => {
    const { url } = await start()
    const client = clientOf(url)
    const ids: string[] = []
    for await (const model of client.models.list()) ids.push(model.id)
    expect(ids[0]).toBe('florence-2-large')
    expect(await client.models.retrieve('florence-2-large:ocr')).toMatchObject({
      id: 'florence-2-large:ocr',
    })
    await expect(client.models.retrieve('gpt-5')).rejects.toBeInstanceOf(NotFoundError)
  })

  it(`gets FloCap's words and code with an error ${verifies('SDK-3', 'AIS-2')}`, async () => {
    const { url, captioner } = await start()
    const chat = {
      ...CHAT,
      messages: [
        {
          role: 'user' as const,
          content: [
            { type: 'image_url' as const, image_url: { url: 'https://example.com/a.png' } },
          ],
        },
      ],
    }
    const error = await failureOf(clientOf(url).chat.completions.create(chat))
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error.message).toMatch(/^400 The image in .* is a web address/)
    expect(error.code).toBe('invalid_image_url')
    expect(error.requestID).toMatch(/^[0-9a-f-]{36}$/)
    expect(captioner.calls).toHaveLength(0)
  })

  it(`asks once when a fault is lasting ${verifies('SDK-4', 'TRAP-16')}`, async () => {
    const { url, captioner } = await start({ error: new Error('bug') })
    const error = await failureOf(clientOf(url).chat.completions.create(CHAT))
    expect(error.status).toBe(500)
    expect(captioner.calls).toHaveLength(1)
  })

  it(`asks three times when the server is busy ${verifies('SDK-4')}`, async () => {
    const busy = new FlocapError('queue_full', 'Full.', { retryAfterSeconds: 0.1 })
    const { url, captioner } = await start({ error: busy })
    const error = await failureOf(clientOf(url).chat.completions.create(CHAT))
    expect(error.status).toBe(503)
    expect(captioner.calls).toHaveLength(3)
  })

  it('gets an error that comes in the middle of a stream', async () => {
    const { url } = await start({ errorAfterText: new FlocapError('engine_failed', 'It died.') })
    const stream = await clientOf(url).chat.completions.create({ ...CHAT, stream: true })
    const read = async () => {
      for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk')
    }
    expect((await failureOf(read())).message).toContain('It died.')
  })

  it(`cancels the caption with its request ${verifies('TRAP-21')}`, async () => {
    const { url, captioner } = await start({ delayMs: Infinity })
    const controller = new AbortController()
    const answer = clientOf(url).chat.completions.create(CHAT, { signal: controller.signal })
    const ended = Promise.allSettled([answer])
    await expect.poll(() => captioner.calls.length).toBe(1)
    controller.abort()
    await expect.poll(() => captioner.aborted()).toBe(1)
    await ended
  })
})

describe('structured answers of openai', () => {
  const Photo = z.object({ title: z.string(), tags: z.array(z.string()) })
  const expected = {
    title: 'An anchor and a trophy on a white and lime background',
    tags: ['anchor', 'trophy'],
  }

  it('are parsed', async () => {
    const { url } = await start({}, { captioner: createRecordedCaptioner() })
    const client = clientOf(url)
    const chat = await client.chat.completions.parse({
      ...CHAT,
      response_format: zodResponseFormat(Photo, 'photo'),
    })
    expect(chat.choices[0]?.message.parsed).toEqual(expected)
    const response = await client.responses.parse({
      ...RESPONSE,
      text: { format: zodTextFormat(Photo, 'photo') },
    })
    expect(response.output_parsed).toEqual(expected)
  })

  it('arrive as a call that was forced, streamed', async () => {
    const { url } = await start({}, { captioner: createRecordedCaptioner() })
    const stream = clientOf(url).chat.completions.stream({
      ...CHAT,
      tools: [zodFunction({ name: 'save', parameters: Photo })],
      tool_choice: 'required',
    })
    const [choice] = (await stream.finalChatCompletion()).choices
    expect(choice?.finish_reason).toBe('tool_calls')
    expect(choice?.message.tool_calls?.[0]?.function.parsed_arguments).toEqual(expected)
  })
})
