// The page's client against the real HTTP layer, on a socket.
import { afterEach, describe, expect, it } from 'vitest'
import { FlocapError } from '../../../src/base/errors.ts'
import { createFakeCaptioner } from '../../../test/support/fake-captioner.ts'
import { startTestServer, type TestHttpOptions } from '../../../test/support/http-app.ts'
import { PNG_BASE64 } from '../../../test/support/pictures.ts'
import { createServer, type Question } from './server.ts'

const picture = { name: 'dot.png', file: new Blob([Buffer.from(PNG_BASE64, 'base64')]) }
const running: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function connect(options: TestHttpOptions = {}, key?: string) {
  const started = await startTestServer(options)
  running.push(started)
  return createServer({ base: `${started.url}/`, key: { read: () => key } })
}

async function ask(
  server: ReturnType<typeof createServer>,
  questions: readonly Question[],
  signal = new AbortController().signal,
) {
  const texts = questions.map(() => '')
  const answered = await server.ask(
    picture,
    questions,
    {},
    {
      signal,
      onText: (index, text) => {
        texts[index] += text
      },
    },
  )
  return { answered, texts }
}

describe('the server as the page sees it', () => {
  it('tells its tasks and its state', async () => {
    const server = await connect()
    expect((await server.tasks()).default_task).toBe('more_detailed_caption')
    expect((await server.status()).model.id).toBe('florence-2-large')
    expect(await server.readiness()).toEqual({ status: 'ready' })
  })

  it('answers several questions in one request, texts growing, and says who answers', async () => {
    const captioner = createFakeCaptioner()
    const server = await connect({ captioner })
    const questions: Question[] = [
      { task: 'caption' },
      { task: 'od' },
      { task: 'region_to_ocr', region: [1, 2, 3, 4] },
      { task: 'vqa', input: 'Who?' },
    ]
    const { answered, texts } = await ask(server, questions)
    expect(answered.answers.map(({ task }) => task)).toEqual(questions.map(({ task }) => task))
    expect(texts[0]).toBe(answered.answers[0]?.text)
    expect(texts[1]).toBe('')
    expect([answered.model, answered.demo]).toEqual(['florence-2-large', false])
    expect(answered.name).toBe('dot.png')
    expect(captioner.calls.map(({ request }) => [request.input, request.region?.box])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [undefined, [1, 2, 3, 4]],
      ['Who?', undefined],
    ])
  })

  it('says why it is not ready', async () => {
    const reason = 'downloading 42 %'
    const server = await connect({ readiness: () => ({ ready: false, reason }) })
    expect(await server.readiness()).toEqual({ status: 'loading', reason })
  })

  it('passes on what the API says of a mistake, with its hint', async () => {
    const server = await connect()
    await expect(ask(server, [{ task: 'nonsense' }])).rejects.toMatchObject({
      code: 'unknown_task',
      hint: expect.stringContaining('The tasks are'),
      retry: false,
    })
  })

  it('passes on what goes wrong in the middle of a stream', async () => {
    const errorAfterText = new FlocapError('engine_failed', 'It died.')
    const server = await connect({ captioner: createFakeCaptioner({ errorAfterText }) })
    await expect(ask(server, [{ task: 'caption' }])).rejects.toMatchObject({
      code: 'engine_failed',
      retry: true,
    })
  })

  it('shows the key, where there is one, and says when it is missing', async () => {
    const settings = { apiKeys: ['secret'] }
    const locked = await connect({ settings })
    await expect(locked.status()).rejects.toMatchObject({ code: 'unauthorized' })
    const server = await connect({ settings }, 'secret')
    expect((await ask(server, [{ task: 'caption' }])).answered.answers).toHaveLength(1)
  })

  it('stops the caption when the question is withdrawn', async () => {
    const captioner = createFakeCaptioner({ delayMs: Infinity })
    const server = await connect({ captioner })
    const controller = new AbortController()
    const asking = ask(server, [{ task: 'caption' }], controller.signal)
    while (captioner.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    controller.abort()
    await expect(asking).rejects.toThrow('aborted')
    while (captioner.aborted() === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  })

  it('draws on the picture', async () => {
    const draw = async () => new Uint8Array([1, 2, 3])
    const server = await connect({ drawing: { png: draw, preview: draw } })
    const found = [{ kind: 'boxes', boxes: [] }] as const
    const drawing = await server.draw(picture, { width: 1, height: 1 }, found)
    expect([drawing.type, drawing.size]).toEqual(['image/png', 3])
    const preview = await server.preview(picture)
    expect([preview.type, preview.size]).toEqual(['image/jpeg', 3])
  })

  it('is said to be gone when nobody answers', async () => {
    const started = await startTestServer()
    await started.close()
    const server = createServer({ base: `${started.url}/`, key: { read: () => undefined } })
    await expect(server.readiness()).rejects.toMatchObject({ code: 'unreachable', retry: true })
  })
})
