import { describe, expect, it } from 'vitest'
import { createFakeCaptioner } from '../../test/support/fake-captioner.ts'
import { createTestApp, post } from '../../test/support/http-app.ts'
import { PNG_BASE64, PNG_DATA_URL } from '../../test/support/pictures.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { createTasksCaptioner } from '../caption/tasks-captioner.ts'
import { withRequestClient } from './request-client.ts'

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
    expect(new Set(clients)).toEqual(new Set([' 192.0.2.1', ' 192.0.2.2']))
    expect(clients).toHaveLength(2)
  })
})

async function clientsOf(apiKeys: string[], requests: [string, Record<string, string>][]) {
  const { clients, captioner } = recordClients()
  const app = createTestApp({ captioner, settings: { apiKeys } })
  for (const [address, headers] of requests) {
    const init = post({ image: PNG_BASE64 }, headers)
    expect((await app.request('/api/caption', init, from(address))).status).toBe(200)
  }
  return clients
}

describe('a client', () => {
  it('is a machine, also where all machines share a key', async () => {
    const headers = { authorization: 'Bearer abc-def' }
    const clients = await clientsOf(
      ['abc-def'],
      [
        ['192.0.2.1', headers],
        ['192.0.2.2', headers],
        ['192.0.2.1', { 'x-api-key': 'abc-def' }],
      ],
    )
    expect(new Set(clients).size).toBe(2)
    expect(clients[0]).toBe(clients[2])
    expect(clients.join('')).not.toContain('abc-def')
  })

  it('is two where a machine shows two keys that are right', async () => {
    const clients = await clientsOf(
      ['first', 'second'],
      [
        ['192.0.2.1', { 'x-api-key': 'first' }],
        ['192.0.2.1', { 'x-api-key': 'second' }],
      ],
    )
    expect(new Set(clients).size).toBe(2)
  })

  it('is no other for a key, or a mark of a proxy, that nobody has checked', async () => {
    const clients = await clientsOf(
      [],
      [
        ['192.0.2.1', {}],
        ['192.0.2.1', { authorization: 'Bearer made-up-1' }],
        ['192.0.2.1', { 'x-api-key': 'made-up-2' }],
        ['192.0.2.1', { 'x-forwarded-for': '198.51.100.7' }],
      ],
    )
    expect(new Set(clients).size).toBe(1)
  })
})
