import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { FlocapError } from '../../../src/base/errors.ts'
import { ChatChunk } from '../../../src/http/surfaces/openai/schema.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { parseEvents } from '../../support/streams.ts'
import { record } from '../support/recording.ts'
import { PICTURES } from '../../support/pictures.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'
import { captionChat, image, user } from './chats.ts'

const PATH = '/v1/chat/completions'

function parseChunks(body: string) {
  const events = parseEvents(body)
  return {
    last: events.at(-1)?.data,
    chunks: events.slice(0, -1).map(({ data }) => ChatChunk.parse(JSON.parse(data))),
  }
}

function joined(chunks: readonly z.infer<typeof ChatChunk>[], index = 0): string {
  return chunks
    .flatMap(({ choices }) => choices.filter((choice) => choice.index === index))
    .map(({ delta }) => delta.content ?? '')
    .join('')
}

onEachTransport('Streamed chat completions', (open) => {
  it(`come as chunks of one id, role first, end last ${verifies('ST-13', 'SDK-2', 'TRAP-18')}`, async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog runs.' }) })
    const response = await client.request(PATH, post(captionChat({ stream: true })))
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(response.headers.get('x-flocap-task')).toBe('more_detailed_caption')
    const { chunks, last } = parseChunks(await response.text())
    expect(last).toBe('[DONE]')
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' })
    expect(joined(chunks)).toBe('A dog runs.')
    expect(chunks.slice(0, -1).map(({ choices }) => choices[0]?.finish_reason)).not.toContain(
      'stop',
    )
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true)
  })

  it(`count tokens in a last chunk where that is asked for ${verifies('SDK-2', 'TRAP-18')}`, async () => {
    const client = await open()
    const body = captionChat({ stream: true, stream_options: { include_usage: true } })
    const { chunks } = parseChunks(await (await client.request(PATH, post(body))).text())
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 590 } })
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop')
  })

  it('come for text-only chats too', async () => {
    const client = await open()
    const body = { messages: [user('Hi')], stream: true }
    const { chunks } = parseChunks(await (await client.request(PATH, post(body))).text())
    expect(joined(chunks)).toContain('Send a message with an image')
  })

  it('come exactly as recorded', async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const body = captionChat({ stream: true, stream_options: { include_usage: true } })
    await expect(await record(await client.request(PATH, post(body)))).toMatchFileSnapshot(
      'recorded/chat-stream.txt',
    )
  })

  it(`fail with a status before the first byte ${verifies('OWUI-3', 'TRAP-17')}`, async () => {
    const error = new FlocapError('queue_full', 'Full.')
    const client = await open({ captioner: createFakeCaptioner({ error }) })
    const response = await client.request(PATH, post(captionChat({ stream: true })))
    expect(response.status).toBe(503)
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.json()).toMatchObject({ error: { message: 'Full.' } })
  })

  it(`fail with an event after the first byte ${verifies('TRAP-17')}`, async () => {
    const errorAfterText = new FlocapError('engine_failed', 'The engine died.')
    const client = await open({ captioner: createFakeCaptioner({ errorAfterText }) })
    const response = await client.request(PATH, post(captionChat({ stream: true })))
    expect(response.status).toBe(200)
    const events = parseEvents(await response.text())
    expect(JSON.parse(events.at(-1)?.data ?? '')).toEqual({
      error: {
        message: 'The engine died.',
        type: 'server_error',
        param: null,
        code: 'engine_failed',
      },
    })
  })

  it('show signs of life while the model works', async () => {
    const client = await open({
      captioner: createFakeCaptioner({ delayMs: 300, text: 'A dog.' }),
      settings: { streamKeepAliveMs: 50 },
    })
    const response = await client.request(PATH, post(captionChat({ stream: true })))
    const body = await response.text()
    expect(body.match(/^: keep-alive$/gm)?.length).toBeGreaterThan(1)
    expect(joined(parseChunks(body).chunks)).toBe('A dog.')
  })

  it(`end the caption when the reader goes away ${verifies('TRAP-21')}`, async () => {
    const captioner = createFakeCaptioner({ delayMs: Infinity })
    const client = await open({ captioner, settings: { streamKeepAliveMs: 20 } })
    const response = await client.request(PATH, post(captionChat({ stream: true })))
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await expect.poll(() => captioner.aborted()).toBe(1)
  })
})

describe('streamed choices', () => {
  it('have an index each', async () => {
    const app = createTestApp({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const body = captionChat({ stream: true, n: 2 })
    const { chunks } = parseChunks(await (await app.request(PATH, post(body))).text())
    expect(joined(chunks, 0)).toBe('A dog.')
    expect(joined(chunks, 1)).toBe('A dog. Or so (1).')
    const ends = chunks.flatMap(({ choices }) =>
      choices.filter((choice) => choice.finish_reason !== null).map(({ index }) => index),
    )
    expect(ends).toEqual([0, 1])
  })

  it('of several pictures stream their labels', async () => {
    const app = createTestApp({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const other = `data:image/jpeg;base64,${PICTURES['jpeg']?.toString('base64')}`
    const body = { messages: [user([image(), image(other), image(other)])], stream: true }
    const { chunks } = parseChunks(await (await app.request(PATH, post(body))).text())
    expect(joined(chunks)).toBe('Image 1: A dog.\nImages 2-3: A dog.')
  })

  it('of JSON come whole', async () => {
    const app = createTestApp({ captioner: createFakeCaptioner({ text: 'A dog.' }) })
    const body = captionChat({ stream: true, response_format: { type: 'json_object' } })
    const { chunks } = parseChunks(await (await app.request(PATH, post(body))).text())
    expect(JSON.parse(joined(chunks))).toEqual({ caption: 'A dog.' })
  })

  it('cannot be broken by line breaks in a caption', async () => {
    const text = 'one\n\ndata: [DONE]\r\n\r\ntwo\u2028three'
    const app = createTestApp({ captioner: createFakeCaptioner({ text }) })
    const body = captionChat({ stream: true })
    const { chunks } = parseChunks(await (await app.request(PATH, post(body))).text())
    expect(joined(chunks)).toBe(text)
  })
})
