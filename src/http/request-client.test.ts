import { describe, expect, it } from 'vitest'
import { createFakeCaptioner } from '../../test/support/fake-captioner.ts'
import { createTestApp, post } from '../../test/support/http-app.ts'
import { PNG_BASE64, PNG_DATA_URL } from '../../test/support/pictures.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { createTasksCaptioner } from '../caption/tasks-captioner.ts'
import { clientOf, withRequestClient } from './request-client.ts'

function recordClients(): { clients: (string | undefined)[]; captioner: TasksCaptioner } {
  const fake = createFakeCaptioner()
  const clients: (string | undefined)[] = []
  const recording = createTasksCaptioner(
    () => fake.model,
    async (request, hooks = {}) => {
      clients.push(hooks.client)
      return fake.captionTasks(request, hooks)
    },
  )
  return { clients, captioner: withRequestClient(recording) }
}

const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } })

describe('withRequestClient', () => {
  const message = {
    role: 'user',
    content: [{ type: 'image_url', image_url: { url: PNG_DATA_URL } }],
  }
  it.each([
    ['/api/caption', { image: PNG_BASE64 }],
    ['/api/generate', { images: [PNG_BASE64], stream: true }],
    ['/v1/chat/completions', { messages: [message], stream: true }],
    ['/api/v1/caption', { image: PNG_BASE64 }],
  ])('tells the captioner who asked %s', async (path, body) => {
    const { clients, captioner } = recordClients()
    const app = createTestApp({ captioner })
    const answers = ['192.0.2.1', '192.0.2.2'].map(async (address) =>
      (await app.request(path, post(body), from(address))).text(),
    )
    await Promise.all(answers)
    expect(new Set(clients)).toEqual(new Set(['192.0.2.1', '192.0.2.2']))
    expect(clients).toHaveLength(2)
  })
})

describe('clientOf', () => {
  it('is the key where there is one, and does not contain it', () => {
    const client = clientOf(new Headers({ authorization: 'Bearer abc-def' }), '192.0.2.1')
    expect(client).toBe(clientOf(new Headers({ 'x-api-key': 'abc-def' }), '192.0.2.2'))
    expect(client).not.toContain('abc-def')
  })

  it('is the address otherwise', () => {
    expect(clientOf(new Headers(), '192.0.2.1')).toBe('192.0.2.1')
  })
})
