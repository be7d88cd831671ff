import Anthropic from '@anthropic-ai/sdk'
import { describe, expect, it } from 'vitest'
import { FlocapError } from '../../src/base/errors.ts'
import { verifies } from '../contract/support/requirements.ts'
import { PNG_BASE64 } from '../support/pictures.ts'
import { CAPTION, useLiveServers } from './live-server.ts'

const start = useLiveServers()

const REQUEST = {
  model: 'claude-sonnet',
  max_tokens: 300,
  messages: [
    {
      role: 'user' as const,
      content: [
        {
          type: 'image' as const,
          source: { type: 'base64' as const, media_type: 'image/png' as const, data: PNG_BASE64 },
        },
        { type: 'text' as const, text: 'What is this?' },
      ],
    },
  ],
}

describe('@anthropic-ai/sdk', () => {
  it(`gets a message, at once and streamed ${verifies('ANT-1', 'ANT-2')}`, async () => {
    const { url } = await start()
    const client = new Anthropic({ baseURL: url, apiKey: 'any' })
    const message = await client.messages.create(REQUEST)
    expect(message.content).toEqual([{ type: 'text', text: CAPTION }])
    const streamed = await client.messages.stream(REQUEST).finalMessage()
    expect(streamed).toMatchObject({
      content: [{ type: 'text', text: CAPTION }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 590 },
    })
  })

  it(`counts tokens and lists models ${verifies('ANT-5')}`, async () => {
    const { url } = await start()
    const client = new Anthropic({ baseURL: url, apiKey: 'any' })
    const { input_tokens: tokens } = await client.messages.countTokens(REQUEST)
    expect(tokens).toBe(590)
    const names: string[] = []
    for await (const { display_name: name } of client.models.list()) names.push(name)
    expect(names[0]).toBe('florence-2-large')
  })

  it(`gets errors of its own classes, after one request ${verifies('ANT-3')}`, async () => {
    const error = new FlocapError('invalid_image', 'The file ends too early.')
    const { url, captioner } = await start({ error })
    const client = new Anthropic({ baseURL: url, apiKey: 'any' })
    await expect(client.messages.create(REQUEST)).rejects.toThrow(Anthropic.BadRequestError)
    await expect(client.messages.create(REQUEST)).rejects.toThrow('The file ends too early.')
    expect(captioner.calls).toHaveLength(2)
  })

  it('gets an error in the middle of a stream', async () => {
    const errorAfterText = new FlocapError('engine_failed', 'It died.')
    const { url } = await start({ errorAfterText })
    const client = new Anthropic({ baseURL: url, apiKey: 'any' })
    await expect(client.messages.stream(REQUEST).finalMessage()).rejects.toThrow('It died.')
  })
})
