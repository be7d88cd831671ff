import { describe, expect, it } from 'vitest'
import { createRecordingLogger } from '../../../test/support/recording-logger.ts'
import { createTestApp, post } from '../../../test/support/http-app.ts'
import { PNG_BASE64 } from '../../../test/support/pictures.ts'

const KEY = 'flocap-abc+/='

describe('a key in the address', () => {
  const app = createTestApp({ settings: { apiKeys: [KEY] } })
  const inPath = encodeURIComponent(KEY)

  it.each(['/api/tags', '/v1/models', '/health', '/'])(
    'opens %s as a header does',
    async (path) => {
      expect((await app.request(`/k/${inPath}${path}`)).status).toBe(200)
    },
  )

  it('serves every dialect, below a base URL too', async () => {
    const body = post({ images: [PNG_BASE64], prompt: 'x', model: 'x', stream: false })
    expect((await app.request(`/k/${inPath}/api/generate`, body)).status).toBe(200)
    const chat = await app.request(`/k/${inPath}/v1/models`)
    expect(chat.status).toBe(200)
  })

  it.each(['/k/wrong/v1/models', '/k//v1/models', '/k/%E0%A4%A/v1/models', '/k'])(
    'is refused when it is wrong: %s',
    async (path) => {
      expect((await app.request(path)).status).toBe(401)
    },
  )

  // None of these could stand in a header.
  it.each([
    '%00',
    '%0d%0a',
    `${inPath}%0d%0a`,
    `%20${inPath}`,
    '%D0%BA%D0%BB%D1%8E%D1%87',
    '%ED%A0%80',
  ])('is wrong, and no fault of the server, as %s', async (key) => {
    expect((await app.request(`/k/${key}/v1/models`)).status).toBe(401)
  })

  it('may have letters that no header has', async () => {
    const other = createTestApp({ settings: { apiKeys: ['ключ'] } })
    expect((await other.request(`/k/${encodeURIComponent('ключ')}/v1/models`)).status).toBe(200)
  })

  it('does not replace a wrong one in a header', async () => {
    const headers = { authorization: 'Bearer wrong' }
    expect((await app.request(`/k/${inPath}/v1/models`, { headers })).status).toBe(401)
  })

  it('is in no line of the log and in no answer', async () => {
    const { lines, logger } = createRecordingLogger()
    const logged = createTestApp({ settings: { apiKeys: [KEY] }, logger })
    const right = ['/nowhere', '/api/tags', '/v1/chat/completions'].map(
      (path) => `/k/${inPath}${path}`,
    )
    // Where people put it by mistake.
    const wrong = [`/v1/k/${inPath}/models`, `/k/x/k/${inPath}`, `/k%2f${inPath}/v1/models`]
    const texts = await Promise.all(
      [...right, ...wrong, ...wrong.map((path) => `/k/${inPath}${path}`)].map(async (path) =>
        (await logged.request(path)).text(),
      ),
    )
    expect(JSON.stringify([lines, texts])).not.toMatch(/flocap-abc/)
  })
})
