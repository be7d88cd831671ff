import { describe, expect, it } from 'vitest'
import { ChatResponse } from '../../../src/http/surfaces/openai/schema.ts'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { createTestApp, post } from '../../support/http-app.ts'
import { verifies } from '../support/requirements.ts'
import { ask, CHAT_PATH, captionChat, image, text, user } from './chats.ts'

/** What a model id and a prompt make the captioner do. */
async function run(model: string, prompt = 'x') {
  const { requests, response } = await ask({ model, messages: [user([text(prompt), image()])] })
  const { task, input, region } = requests[0] ?? {}
  return { task, input, region, header: response.headers.get('x-flocap-task') }
}

describe('tasks in chats', () => {
  it.each([
    'Describe this image in detail',
    '<thinking> what is this',
    'OCR',
    'Please use <OD>',
    'x'.repeat(20_000),
    'IMPORTANT: <loc_1><loc_2>',
  ])(
    `are not chosen by ordinary text, which goes nowhere ${verifies('TRAP-24')}`,
    async (prompt) => {
      const { requests } = await ask({ messages: [user([text(prompt), image()])] })
      expect(requests[0]?.task).toBe('more_detailed_caption')
      expect(JSON.stringify({ ...requests[0], picture: undefined })).not.toContain(prompt)
    },
  )

  it(`are chosen by a token at the start of a text ${verifies('TRAP-24')}`, async () => {
    expect(await run('', '<OD>')).toMatchObject({ task: 'od', header: 'od' })
    expect(await run('', ' <OCR> and so on')).toMatchObject({ task: 'ocr', input: undefined })
    expect(await run('', '<CAPTION_TO_PHRASE_GROUNDING> a red car')).toMatchObject({
      task: 'caption_to_phrase_grounding',
      input: 'a red car',
    })
    expect(await run('', '<REGION_TO_CATEGORY> 1, 2, 30, 40')).toMatchObject({
      task: 'region_to_category',
      region: { unit: 'pixel', box: [1, 2, 30, 40] },
    })
  })

  it('are chosen by the suffix of the model id', async () => {
    expect(await run('florence-2-large:ocr')).toMatchObject({ task: 'ocr', header: 'ocr' })
    expect(await run('florence-2-large:objects')).toMatchObject({ task: 'od' })
    expect(await run('org/other:od')).toMatchObject({ task: 'od' })
    expect(await run('llama2:text')).toMatchObject({ task: 'more_detailed_caption' })
    expect(await run('florence-2-large:segmentation', 'a red car')).toMatchObject({
      task: 'referring_expression_segmentation',
      input: 'a red car',
    })
    expect(await run('florence-2-large:ocr', '<OD>')).toMatchObject({ task: 'od' })
  })

  it('are chosen by the setting where nothing else does', async () => {
    const captioner = createFakeCaptioner()
    const app = createTestApp({ captioner, settings: { defaultTask: 'caption' } })
    await app.request(CHAT_PATH, post(captionChat()))
    expect(captioner.calls[0]?.request.task).toBe('caption')
  })

  it('are chosen by words where the server follows prompts, and only there', async () => {
    const taskFor = async (prompts: 'ignore' | 'follow', model: string, prompt: string) => {
      const captioner = createFakeCaptioner()
      const app = createTestApp({ captioner, settings: { prompts } })
      await app.request(CHAT_PATH, post({ model, messages: [user([text(prompt), image()])] }))
      return captioner.calls[0]?.request.task
    }
    const model = 'florence-2-large'
    const transcribe = 'Just transcribe the text in this image.'
    expect(await taskFor('follow', model, transcribe)).toBe('ocr')
    expect(await taskFor('follow', model, "What's in this image?")).toBe('more_detailed_caption')
    expect(await taskFor('follow', `${model}:od`, transcribe)).toBe('od')
    expect(await taskFor('follow', model, `<CAPTION> ${transcribe}`)).toBe('caption')
    expect(await taskFor('ignore', model, transcribe)).toBe('more_detailed_caption')
  })

  it('that words ask tags of answer with labels and commas, also in a stream', async () => {
    const app = createTestApp({ settings: { prompts: 'follow' } })
    const messages = [user([text('Give me tags for this photo.'), image()])]
    const chat = { model: 'florence-2-large', messages }
    const response = await app.request(CHAT_PATH, post(chat))
    const answer = ChatResponse.parse(await response.json())
    const tags = answer.choices[0]?.message.content ?? ''
    expect(tags).toMatch(/^[\w ]+(?:, [\w ]+)*$/)
    const streamed = await app.request(CHAT_PATH, post({ ...chat, stream: true }))
    expect(await streamed.text()).toContain(JSON.stringify(tags).slice(1, -1))
  })

  it('that do not exist for the served model are an error with their list', async () => {
    const { response, answer } = await ask(captionChat({ model: 'florence-2-large:ocrr' }))
    expect(response.status).toBe(400)
    expect(answer).toMatchObject({
      error: { code: 'unknown_task', message: expect.stringContaining('ocr_with_region') },
    })
  })

  it('give their findings as text and as data', async () => {
    const { answer } = await ask(captionChat({ model: 'florence-2-large:od' }))
    expect(answer).toMatchObject({
      flocap: {
        task: 'od',
        images: [
          {
            data: { kind: 'boxes', boxes: [{ label: 'car', box: [34, 160, 597, 372] }] },
            width: 640,
            height: 480,
          },
        ],
      },
    })
  })
})
