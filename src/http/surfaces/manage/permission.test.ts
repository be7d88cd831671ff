// Who may pull and switch models, asked as each of them would.
import { describe, expect, it } from 'vitest'
import { createFakeModels } from '../../../../test/support/fake-models.ts'
import { createTestApp } from '../../../../test/support/http-app.ts'
import { createLongTexts } from '../../body/long-texts.ts'
import type { HttpSettings } from '../../settings.ts'
import { ModelsResponse } from './schema.ts'

const KEY = 'secret-key'
const HERE = '127.0.0.1'
const ELSEWHERE = '192.168.1.20'

interface Sender {
  readonly address?: string
  readonly headers?: Record<string, string>
}

/** What the server says to whoever wants to see and to change its models. */
async function ask(settings: Partial<HttpSettings>, { address = HERE, headers = {} }: Sender) {
  const models = createFakeModels()
  const app = createTestApp({ models, settings })
  const from = { incoming: { socket: { remoteAddress: address } } }
  const sent = { host: 'localhost:5000', 'content-type': 'application/json', ...headers }
  const url = 'http://localhost:5000/api/v1/manage'
  const seen = await app.request(`${url}/models`, { headers: sent }, from)
  const statuses: number[] = []
  for (const [method, path, body] of [
    ['POST', 'pull', '{"model":"base"}'],
    ['DELETE', 'pull', undefined],
    ['POST', 'switch', '{"model":"large"}'],
  ] as const) {
    const init = { method, headers: sent, ...(body === undefined ? {} : { body }) }
    statuses.push((await app.request(`${url}/${path}`, init, from)).status)
  }
  const shown = seen.ok ? ModelsResponse.parse(await seen.json()) : undefined
  return { seen: seen.status, statuses, calls: models.calls, shown }
}

const allowed = {
  seen: 200,
  statuses: [202, 200, 202],
  calls: ['pull base', 'cancel', 'switch large'],
}
const refused = { statuses: [403, 403, 403], calls: [] }
const withKey = { authorization: `Bearer ${KEY}` }
const open = { privateNetwork: true, allowedHosts: ['captions.lan'] }

describe('models are managed', () => {
  it.each<readonly [who: string, Partial<HttpSettings>, Sender]>([
    ['by programs of this machine', {}, {}],
    ['by its other family of addresses', {}, { address: '::1' }],
    [
      'by the own page on this machine',
      {},
      { headers: { origin: 'http://localhost:5000', 'sec-fetch-site': 'same-origin' } },
    ],
    ['by this machine where keys work elsewhere', { manageModels: 'key' }, {}],
    [
      'from elsewhere with a key',
      { manageModels: 'key', apiKeys: [KEY] },
      { address: ELSEWHERE, headers: withKey },
    ],
    [
      'by the own page elsewhere with a key',
      { manageModels: 'key', apiKeys: [KEY], ...open },
      {
        address: ELSEWHERE,
        headers: {
          ...withKey,
          host: 'captions.lan',
          origin: 'https://captions.lan',
          'sec-fetch-site': 'same-origin',
        },
      },
    ],
    [
      'through a proxy with a key',
      { manageModels: 'key', apiKeys: [KEY] },
      { headers: { ...withKey, 'x-forwarded-for': '203.0.113.9' } },
    ],
  ])('%s', async (_, settings, sender) => {
    const { shown, ...answered } = await ask(settings, sender)
    expect(answered).toEqual(allowed)
    expect(shown).toMatchObject({ management: { allowed: true, reason: null } })
    expect(shown?.models).toHaveLength(3)
  })

  it.each<readonly [who: string, Partial<HttpSettings>, Sender, why: string]>([
    ['where it is turned off', { manageModels: 'never' }, {}, '--manage-models never'],
    ['from another machine', {}, { address: ELSEWHERE }, '--manage-models key'],
    [
      'from another machine, though it has a key',
      { apiKeys: [KEY] },
      { address: ELSEWHERE, headers: withKey },
      '--manage-models key',
    ],
    [
      'from another machine of a server without keys',
      { manageModels: 'key' },
      { address: ELSEWHERE },
      '--api-key',
    ],
    [
      'through a proxy on this machine',
      {},
      { headers: { 'x-forwarded-for': HERE } },
      '--manage-models key',
    ],
    [
      'through a trusted proxy that says so',
      { trustedProxies: ['loopback'] },
      { headers: { 'x-forwarded-for': HERE } },
      '--manage-models key',
    ],
    ['by a page of another port', {}, { headers: { origin: 'http://localhost:3000' } }, 'own page'],
    [
      'by a page of another port, which the browser calls the same site',
      {},
      { headers: { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' } },
      'own page',
    ],
    ['by a desktop application', {}, { headers: { origin: 'file://' } }, 'own page'],
    [
      'by an allowed page',
      { allowedOrigins: ['https://chat.example.com'] },
      { headers: { origin: 'https://chat.example.com' } },
      'own page',
    ],
    ['by any page', { allowedOrigins: ['*'] }, { headers: { origin: 'null' } }, 'own page'],
    [
      'by what another site loads',
      { allowedOrigins: ['*'] },
      { headers: { 'sec-fetch-site': 'cross-site' } },
      'own page',
    ],
  ])('not %s', async (_, settings, sender, why) => {
    const { shown, statuses, calls } = await ask(settings, sender)
    expect({ statuses, calls }).toEqual(refused)
    expect(shown?.management.allowed).toBe(false)
    expect(shown?.management.reason).toContain(why)
    expect(shown).toMatchObject({ models: [], pull: null, switch: null })
  })

  it('not without the key that all requests need', async () => {
    const settings: Partial<HttpSettings> = { manageModels: 'key', apiKeys: [KEY] }
    for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
      expect(await ask(settings, { address: ELSEWHERE, headers })).toMatchObject({
        seen: 401,
        statuses: [401, 401, 401],
        calls: [],
      })
    }
  })

  it('not by lines of a batch, which have no address', async () => {
    const models = createFakeModels()
    const app = createTestApp({ models, settings: { manageModels: 'key' } })
    const init = { method: 'POST', body: '{"model":"base"}' }
    const answer = await app.request('/api/v1/manage/pull', init, {
      inProcess: {
        client: 'batches x',
        owner: 'x',
        body: { model: 'base' },
        longTexts: createLongTexts(),
      },
    })
    expect(answer.status).toBe(403)
    expect(models.calls).toEqual([])
  })
})
