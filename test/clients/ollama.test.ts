import { Ollama } from 'ollama'
import { describe, expect, it } from 'vitest'
import { FlocapError } from '../../src/base/errors.ts'
import { verifies } from '../contract/support/requirements.ts'
import { PNG, PNG_BASE64 } from '../support/pictures.ts'
import { createRecordedCaptioner } from '../support/recorded-answers.ts'
import { CAPTION, useLiveServers } from './live-server.ts'

const start = useLiveServers()

const GENERATE = { model: 'llava', prompt: 'What is this?', images: [Uint8Array.from(PNG)] }

const CHAT = {
  model: 'llava',
  messages: [{ role: 'user', content: 'What is this?', images: [PNG_BASE64] }],
}

describe('ollama', () => {
  it(`generates, at once and streamed ${verifies('ST-11', 'TRAP-18', 'TRAP-19')}`, async () => {
    const { url } = await start()
    const client = new Ollama({ host: url })
    const whole = await client.generate(GENERATE)
    expect(whole).toMatchObject({ response: CAPTION, done: true, context: [] })
    let text = ''
    for await (const part of await client.generate({ ...GENERATE, stream: true })) {
      text += part.response
    }
    expect(text).toBe(CAPTION)
  })

  it('chats, at once and streamed', async () => {
    const { url } = await start()
    const client = new Ollama({ host: url })
    expect((await client.chat(CHAT)).message).toEqual({ role: 'assistant', content: CAPTION })
    let text = ''
    for await (const part of await client.chat({ ...CHAT, stream: true })) {
      text += part.message.content
    }
    expect(text).toBe(CAPTION)
  })

  it('lists, shows, pulls and tells its version', async () => {
    const { url } = await start()
    const client = new Ollama({ host: url })
    const [first] = (await client.list()).models
    expect(first?.model).toBe('florence-2-large:latest')
    const model = first?.model ?? ''
    expect((await client.show({ model })).capabilities).toContain('vision')
    expect((await client.ps()).models).toHaveLength(1)
    expect((await client.pull({ model })).status).toBe('success')
    expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it(`gets an error as text, after one request ${verifies('TRAP-15')}`, async () => {
    const error = new FlocapError('invalid_image', 'The file ends too early.')
    const { url, captioner } = await start({ error })
    const client = new Ollama({ host: url })
    await expect(client.generate(GENERATE)).rejects.toThrow('The file ends too early.')
    expect(captioner.calls).toHaveLength(1)
  })

  it('gets an error in the middle of a stream', async () => {
    const errorAfterText = new FlocapError('engine_failed', 'It died.')
    const { url } = await start({ errorAfterText })
    const stream = await new Ollama({ host: url }).chat({ ...CHAT, stream: true })
    const read = async () => {
      for await (const part of stream) expect(part.done).toBe(false)
    }
    await expect(read()).rejects.toThrow('It died.')
  })

  it(`cancels the caption when it aborts a stream ${verifies('TRAP-21')}`, async () => {
    const { url, captioner } = await start(
      { delayMs: Infinity },
      { settings: { streamKeepAliveMs: 20 } },
    )
    const client = new Ollama({ host: url })
    const stream = await client.generate({ ...GENERATE, stream: true })
    stream.abort()
    await expect.poll(() => captioner.aborted()).toBe(1)
  })

  it('gets JSON that fits a format, and the call of its only tool', async () => {
    const { url } = await start({}, { captioner: createRecordedCaptioner() })
    const client = new Ollama({ host: url })
    const format = {
      type: 'object',
      properties: { tags: { type: 'array', items: { type: 'string' } } },
      required: ['tags'],
    }
    const { message } = await client.chat({ ...CHAT, format })
    expect(JSON.parse(message.content)).toEqual({ tags: ['anchor', 'trophy'] })
    const called = await client.chat({
      ...CHAT,
      tools: [
        { type: 'function', function: { name: 'save', description: '', parameters: format } },
      ],
    })
    expect(called.message.tool_calls).toEqual([
      { function: { name: 'save', arguments: { tags: ['anchor', 'trophy'] } } },
    ])
  })
})
