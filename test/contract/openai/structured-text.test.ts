// Chats without a picture whose answer has to fit a schema, as bookmark and document managers send them.
import { describe, expect, it } from 'vitest'
import { createTestApp, post } from '../../support/http-app.ts'
import { ask, CHAT_PATH } from './chats.ts'

const TEXT = 'Bread rises well in a warm kitchen. It needs flour, water and time.'

function about(content: string, properties: object, required: readonly string[]) {
  const schema = { type: 'object', properties, required, additionalProperties: false }
  return ask({
    messages: [{ role: 'user', content }],
    response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } },
  })
}

const str = { type: 'string' }
const tags = { type: 'array', items: { type: 'string' } }

describe('a schema about a text', () => {
  it('is answered with tags and a title of its own words', async () => {
    const { response, content, requests } = await about(
      `Suggest tags and a title.\n<TEXT_CONTENT>\n${TEXT}\n</TEXT_CONTENT>`,
      { tags, title: { type: 'string' } },
      ['tags', 'title'],
    )
    expect(response.status).toBe(200)
    expect(requests).toEqual([])
    expect(JSON.parse(content ?? '')).toEqual({
      tags: ['bread', 'rises', 'well', 'warm', 'kitchen'],
      title: 'Bread rises well in a warm',
    })
  })

  it.each([
    [
      'a summary and a transcription',
      { summary: str, text: str },
      { summary: TEXT, text: TEXT },
      undefined,
    ],
    [
      'a short summary',
      { summary: { ...str, maxLength: 40 } },
      { summary: 'Bread rises well in a warm kitchen.' },
      undefined,
    ],
    [
      'a member that the text names',
      { kind: { enum: ['car', 'kitchen'] } },
      { kind: 'kitchen' },
      undefined,
    ],
    [
      'as many tags as a schema demands',
      { tags: { ...tags, minItems: 8 } },
      { tags: { length: 8 } },
      undefined,
    ],
    [
      'what no rule tells',
      { title: str, score: { type: 'number' }, language: str, category: str },
      { title: 'Bread rises well in a warm', score: 0 },
      ['score', 'language', 'category'],
    ],
    [
      'things of pictures',
      { title: str, has_people: { type: 'boolean' }, people: { type: 'integer' }, animals: tags },
      { has_people: false },
      ['has_people', 'people', 'animals'],
    ],
    [
      'an object in it',
      { page: { type: 'object', properties: { title: str } } },
      { page: { title: 'Bread rises well in a warm' } },
      undefined,
    ],
  ])('is answered as far as its words go: %s', async (_, properties, expected, unanswered) => {
    const required = Object.keys(properties)
    const { response, content, answer } = await about(`Text: ${TEXT}`, properties, required)
    expect(response.status).toBe(200)
    expect(JSON.parse(content ?? '')).toMatchObject(expected)
    expect(answer['flocap']).toMatchObject(unanswered === undefined ? {} : { unanswered })
    expect(response.headers.get('x-flocap-unanswered')).toBe(unanswered?.join(', ') ?? null)
  })

  it('is refused for what no rule tells where the server is told to', async () => {
    const app = createTestApp({ settings: { unanswerable: 'refuse' } })
    const schema = {
      type: 'object',
      properties: { title: str, score: { type: 'number' } },
      required: ['title', 'score'],
    }
    const body = {
      messages: [{ role: 'user', content: `Text: ${TEXT}` }],
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
    }
    const response = await app.request(CHAT_PATH, post(body))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: { code: 'unanswerable', message: expect.stringContaining("'score'") },
    })
  })

  it('takes the text from the message of the user below instructions of the system', async () => {
    const schema = {
      type: 'object',
      properties: { title: str, correspondent: { type: ['string', 'null'] } },
      required: ['title', 'correspondent'],
    }
    const { content } = await ask({
      messages: [
        { role: 'system', content: 'You are a document analyst.' },
        { role: 'user', content: TEXT },
      ],
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
    })
    expect(JSON.parse(content ?? '')).toEqual({
      title: 'Bread rises well in a warm',
      correspondent: null,
    })
  })

  it('is answered in the arguments of a tool, and in the streams of other dialects', async () => {
    const parameters = { type: 'object', properties: { tags }, required: ['tags'] }
    const tools = [{ type: 'function', function: { name: 'save', parameters } }]
    const app = createTestApp()
    const response = await app.request(
      '/api/chat',
      post({ messages: [{ role: 'user', content: `Text: ${TEXT}` }], tools, stream: true }),
    )
    expect(await response.text()).toContain('"arguments":{"tags":["bread","rises"')
  })

  it.each([
    ['no text to speak of', 'Suggest tags.', { tags }, ['tags']],
    ['nothing that a text tells', `Text: ${TEXT}`, { people: { type: 'integer' } }, []],
  ])('is refused for the missing picture with %s', async (_, content, properties, required) => {
    const { response, answer } = await about(content, properties, required)
    expect(response.status).toBe(400)
    expect(answer).toMatchObject({ error: { code: 'missing_image' } })
  })
})
