// Chats without a picture whose answer has to fit a schema, as bookmark and document managers send them.
import { describe, expect, it } from 'vitest'
import { ask } from './chats.ts'

const TEXT = 'Bread rises well in a warm kitchen. It needs flour, water and time.'

function about(content: string, properties: object, required: readonly string[]) {
  const schema = { type: 'object', properties, required, additionalProperties: false }
  return ask({
    messages: [{ role: 'user', content }],
    response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } },
  })
}

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
    ['no text to speak of', 'Suggest tags.', { tags }, ['tags']],
    ['more than tags', `Text: ${TEXT}`, { tags, score: { type: 'number' } }, ['tags', 'score']],
    ['other tags', `Text: ${TEXT}`, { tags: { ...tags, minItems: 9 } }, ['tags']],
    ['nothing that a text tells', `Text: ${TEXT}`, { people: { type: 'integer' } }, []],
  ])('is refused for the missing picture with %s', async (_, content, properties, required) => {
    const { response, answer } = await about(content, properties, required)
    expect(response.status).toBe(400)
    expect(answer).toMatchObject({ error: { code: 'missing_image' } })
  })
})
