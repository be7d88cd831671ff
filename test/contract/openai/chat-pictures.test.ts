import { describe, expect, it } from 'vitest'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { PICTURES, PNG, PNG_BASE64, PNG_DATA_URL } from '../../support/pictures.ts'
import { verifies } from '../support/requirements.ts'
import { ask, image, text, user } from './chats.ts'

describe('pictures in chats', () => {
  it.each([
    ['in an object', [user([text('x'), image()])]],
    ['as a string', [user([text('x'), { type: 'image_url', image_url: PNG_DATA_URL }])]],
    [
      'with a detail',
      [user([{ type: 'image_url', image_url: { url: PNG_DATA_URL, detail: 'low' } }])],
    ],
    ['before the text', [user([image(), text('x')])]],
    ['in a message of its own', [user('x'), user([image()])]],
    ['in a system message', [{ role: 'system', content: [image()] }, user('x')]],
    ['as input_image', [user([{ type: 'input_image', image_url: PNG_DATA_URL }])]],
    ['as a file', [user([{ type: 'file', file: { file_data: PNG_DATA_URL } }])]],
    ['as bare base64', [user([image(PNG_BASE64)])]],
    ['beside parts without media', [user([{ type: 'thinking', thinking: 'x' }, image()])]],
  ])(`are found %s ${verifies('LC-1', 'TRAP-6')}`, async (_, messages) => {
    const { response, requests } = await ask({ messages })
    expect(response.status).toBe(200)
    expect(requests).toHaveLength(1)
    expect(Buffer.from(requests[0]?.picture ?? []).equals(PNG)).toBe(true)
  })

  it(`are found at message level, as SillyTavern sent them for ooba up to 1.18 ${verifies('ST-12', 'TRAP-6')}`, async () => {
    const { requests } = await ask({
      model: 'ooba_current',
      temperature: 0.1,
      messages: [user('<OCR>'), { role: 'user', content: [], image_url: PNG_DATA_URL }],
    })
    expect(requests.map(({ task }) => task)).toEqual(['ocr'])
  })

  it.each([
    'data:image/jpg;base64,',
    'data:;base64,',
    'data:image/png;charset=utf-8;base64,',
    'DATA:IMAGE/PNG;BASE64,',
    'data:application/octet-stream;base64,',
    '',
  ])(`are read behind %j ${verifies('TRAP-9')}`, async (prefix) => {
    const { requests } = await ask({ messages: [user([image(prefix + PNG_BASE64)])] })
    expect(Buffer.from(requests[0]?.picture ?? []).equals(PNG)).toBe(true)
  })

  it.each([
    ['without padding', PNG_BASE64.replace(/=+$/, '')],
    ['broken into lines', PNG_BASE64.replace(/.{76}/g, '$&\r\n')],
    ['in the URL-safe alphabet', PNG.toString('base64url')],
  ])(`are read %s ${verifies('TRAP-8')}`, async (_, base64) => {
    const { requests } = await ask({ messages: [user([image(`data:image/png;base64,${base64}`)])] })
    expect(Buffer.from(requests[0]?.picture ?? []).equals(PNG)).toBe(true)
  })

  it.each(['data:image/png;base64,data:image/png;base64,AAAA', 'data:image/png;base64,AA*A'])(
    `are refused when they are not base64, never decoded to garbage ${verifies('TRAP-8')}`,
    async (url) => {
      const { response, answer, requests } = await ask({ messages: [user([image(url)])] })
      expect(response.status).toBe(400)
      expect(answer).toMatchObject({ error: { code: 'invalid_base64_image' } })
      expect(requests).toHaveLength(0)
    },
  )

  it(`of every type are passed on unchanged under any declared type ${verifies('TRAP-10')}`, async () => {
    for (const picture of Object.values(PICTURES)) {
      const url = `data:image/png;base64,${picture.toString('base64')}`
      const { requests } = await ask({ messages: [user([image(url)])] })
      expect(Buffer.from(requests[0]?.picture ?? []).equals(picture)).toBe(true)
    }
  })

  it(`with labels keep them in one text ${verifies('LLMV-2')}`, async () => {
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const { content } = await ask(
      {
        max_completion_tokens: 3000,
        temperature: 0.5,
        top_p: 0.9,
        messages: [
          { role: 'system', content: 'You watch a house.' },
          user([
            text('Image 1:'),
            image(),
            text('Image 2:'),
            image(),
            text('Front door:'),
            image(),
            text('What happens?'),
          ]),
        ],
      },
      captioner,
    )
    expect(content).toBe('Image 1: A dog.\nImage 2: A dog.\nFront door: A dog.')
  })

  it(`of memory are not captioned, which is said ${verifies('LLMV-3')}`, async () => {
    const other = `data:image/jpeg;base64,${PICTURES['jpeg']?.toString('base64')}`
    const { requests, content, response, answer } = await ask({
      messages: [
        user([
          text(
            'The following images along with descriptions serve as reference. They are not to be mentioned in the response.',
          ),
          text('Max:'),
          image(other),
        ]),
        user([text('Image 1:'), image(), text('What happens?')]),
      ],
    })
    expect(response.headers.get('x-flocap-memory')).toBe('1')
    expect(answer).toMatchObject({ flocap: { memory: ['messages[0].content[2].image_url.url'] } })
    expect(requests).toHaveLength(1)
    expect(Buffer.from(requests[0]?.picture ?? []).equals(PNG)).toBe(true)
    expect(content).not.toContain('Image 1')
  })

  it(`on the web are refused in words that say what to send ${verifies('AIS-3', 'N8N-1')}`, async () => {
    const messages = [
      user([text('x'), image('https://example.com/a.png'), image('http://b/c.jpg')]),
    ]
    const { response, answer } = await ask({ messages })
    expect(response.status).toBe(400)
    expect(answer).toMatchObject({
      error: {
        code: 'invalid_image_url',
        message: expect.stringMatching(/does not download.*data URL/),
        param: 'messages[0].content[1].image_url.url',
      },
    })
  })

  it.each([
    ['without its URL', { type: 'image_url' }, 'messages[0].content[0].image_url'],
    [
      'by a stored file',
      { type: 'file', file: { file_id: 'f' } },
      'messages[0].content[0].file.file_id',
    ],
    [
      'with a URL that is a number',
      { type: 'image_url', image_url: { url: 5 } },
      'messages[0].content[0].image_url.url',
    ],
  ])('given %s are refused with the name of the field', async (_, part, param) => {
    const { response, answer } = await ask({ messages: [user([part])] })
    expect(response.status).toBe(400)
    expect(answer).toMatchObject({ error: { code: 'invalid_request', param } })
  })

  it('are limited in number, in words that name the number and the setting', async () => {
    const { response, answer } = await ask({
      messages: [user(Array.from({ length: 33 }, () => image()))],
    })
    expect(response.status).toBe(400)
    expect(answer).toMatchObject({
      error: {
        code: 'too_many_images',
        message: expect.stringMatching(/at most 32 .*got 33.*--max-images 33.*"frames": "sample"/s),
      },
    })
  })

  it('beyond the limit are chosen evenly when that is asked for', async () => {
    const pictures = Array.from({ length: 100 }, (_, index) => {
      const bytes = Buffer.concat([PNG, Buffer.from([index])])
      return image(`data:image/png;base64,${bytes.toString('base64')}`)
    })
    const { response, requests, content } = await ask({
      messages: [user(pictures)],
      frames: 'sample',
    })
    expect(response.headers.get('x-flocap-frames')).toBe('32 of 100')
    const numbers = requests.map(({ picture }) => Number(picture.at(-1)))
    expect(numbers).toHaveLength(32)
    expect([numbers[0], numbers.at(-1)]).toEqual([0, 99])
    const steps = numbers.slice(1).map((number, index) => number - (numbers[index] ?? 0))
    expect(new Set(steps)).toEqual(new Set([3, 4]))
    expect(content).toContain('Image 100: ')
  })

  it('that follow each other and are the same are described once', async () => {
    const other = `data:image/jpeg;base64,${PICTURES['jpeg']?.toString('base64')}`
    const captioner = createFakeCaptioner({ text: 'A dog.' })
    const { content, requests } = await ask(
      { messages: [user([image(), image(), image(other), image()])] },
      captioner,
    )
    expect(content).toBe('Images 1-2: A dog.\nImage 3: A dog.\nImage 4: A dog.')
    expect(requests).toHaveLength(3)
  })
})
