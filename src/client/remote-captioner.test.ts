import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFakeCaptioner, DEMO_MODEL } from '../../test/support/fake-captioner.ts'
import { startTestServer, type TestHttpOptions } from '../../test/support/http-app.ts'
import { readSample } from '../../test/support/samples.ts'
import { FlocapError } from '../base/errors.ts'
import { createTasksCaptioner } from '../caption/tasks-captioner.ts'
import { answerQuestions } from '../folders/ask/answer-questions.ts'
import { parseQuestions } from '../folders/ask/questions.ts'
import { connectCaptioner } from './remote-captioner.ts'

const PICTURE = readSample('scene-00.png')

async function start(options: TestHttpOptions): Promise<string> {
  const server = await startTestServer(options)
  onTestFinished(async () => server.close())
  return server.url
}

describe('connectCaptioner', () => {
  it('answers as the captioner of the server does', async () => {
    const fake = createFakeCaptioner({ model: DEMO_MODEL })
    const remote = await connectCaptioner({ url: `${await start({ captioner: fake })}/` })
    expect(remote.model).toMatchObject({ id: DEMO_MODEL.id, demo: true, precision: 'int8' })
    const request = {
      picture: PICTURE,
      tasks: [
        { task: 'caption', generation: { numBeams: 1, prefix: 'A' } },
        { task: 'region_to_category', region: { unit: 'fraction', box: [0, 0, 0.5, 1] } },
      ],
    } as const
    const [here, there] = [await fake.captionTasks(request), await remote.captionTasks(request)]
    const told = ({ task, text, data, confidence }: (typeof here)[number]) => ({
      task,
      text,
      data,
      confidence,
    })
    expect(there.map(told)).toEqual(here.map(told))
    expect(there[0]).toMatchObject({ picture: here[0]?.picture, usage: here[0]?.usage })
    expect(fake.calls.at(-2)?.request).toMatchObject({
      generation: { numBeams: 1, prefix: 'A' },
    })
  })

  it('gives each task its own options, and the view of the picture', async () => {
    const fake = createFakeCaptioner()
    const remote = await connectCaptioner({ url: await start({ captioner: fake }) })
    const results = await remote.captionTasks({
      picture: PICTURE,
      background: 'black',
      tasks: [
        { task: 'caption', generation: { numBeams: 1 } },
        { task: 'od' },
        { task: 'ocr', generation: { numBeams: 1 } },
      ],
    })
    expect(results.map(({ task }) => task)).toEqual(['caption', 'od', 'ocr'])
    const asked = fake.calls.map(({ request }) => [request.task, request.generation?.numBeams])
    expect(asked).toEqual(
      expect.arrayContaining([
        ['caption', 1],
        ['od', undefined],
        ['ocr', 1],
      ]),
    )
    for (const { request } of fake.calls) expect(request.background).toBe('black')
  })

  it('streams text that adds up, and the failure of a stream', async () => {
    const pieces: string[] = []
    const captioner = createFakeCaptioner({ text: 'A boat on the sea.' })
    const remote = await connectCaptioner({ url: await start({ captioner }) })
    const onText = (text: string): void => void pieces.push(text)
    const { text } = await remote.caption({ picture: PICTURE, task: 'caption' }, { onText })
    expect([pieces.join(''), pieces.length > 1]).toEqual([text, true])
    const failing = createFakeCaptioner({
      text: 'A boat.',
      errorAfterText: new FlocapError('engine_failed', 'The engine died.'),
    })
    const other = await connectCaptioner({ url: await start({ captioner: failing }) })
    await expect(
      other.caption({ picture: PICTURE, task: 'caption' }, { onText }),
    ).rejects.toMatchObject({ code: 'engine_failed', message: 'The engine died.' })
  })

  it('comes back when a full server says so', async () => {
    let refused = 0
    const refusal = (): FlocapError | undefined => {
      if (refused === 2) return undefined
      refused += 1
      return new FlocapError('queue_full', 'Too many requests are waiting.', {
        retryAfterSeconds: 0.01,
      })
    }
    const remote = await connectCaptioner({ url: await start({ refusal }) })
    expect((await remote.caption({ picture: PICTURE, task: 'caption' })).task).toBe('caption')
    expect(refused).toBe(2)
  })

  it('asks again for a stream that a full server gave up after its first sign of life', async () => {
    const fake = createFakeCaptioner({ text: 'A boat on the sea.' })
    let asked = 0
    const captioner = createTasksCaptioner(
      () => fake.model,
      async (request, hooks) => {
        asked += 1
        if (asked > 1) return fake.captionTasks(request, hooks)
        // Longer than the stream keeps silent: its status is sent by then.
        await sleep(200)
        throw new FlocapError('queue_full', 'Another client has less of the queue.')
      },
    )
    const url = await start({ captioner, settings: { streamKeepAliveMs: 10 } })
    const remote = await connectCaptioner({ url })
    let told = ''
    const onText = (text: string): void => void (told += text)
    const { text } = await remote.caption({ picture: PICTURE, task: 'caption' }, { onText })
    expect([text, told, asked]).toEqual(['A boat on the sea.', 'A boat on the sea.', 2])
  })

  it('rejects with what the server says once text was passed on', async () => {
    const error = new FlocapError('queue_full', 'Too many requests are waiting: 64.')
    const captioner = createFakeCaptioner({ text: 'A boat.', errorAfterText: error })
    const remote = await connectCaptioner({ url: await start({ captioner }) })
    const onText = (): void => undefined
    await expect(
      remote.caption({ picture: PICTURE, task: 'caption' }, { onText }),
    ).rejects.toMatchObject({ code: 'queue_full', retry: 'later' })
    expect(captioner.calls).toHaveLength(1)
  })

  it('stops waiting for a full server when it is told', async () => {
    const refusal = () => new FlocapError('queue_full', 'Full.', { retryAfterSeconds: 60 })
    const remote = await connectCaptioner({ url: await start({ refusal }) })
    const stop = new AbortController()
    const answer = remote.caption({ picture: PICTURE, task: 'caption' }, { signal: stop.signal })
    setTimeout(() => stop.abort(), 50)
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('passes on what cannot succeed', async () => {
    const remote = await connectCaptioner({ url: await start({}) })
    await expect(
      remote.caption({ picture: Buffer.from('no picture'), task: 'caption' }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/image/) })
  })

  it('knows an empty answer from other failures, so that the other tasks are answered', async () => {
    const fake = createFakeCaptioner()
    const captioner = createTasksCaptioner(
      () => fake.model,
      async (request) => {
        const isEmpty = request.tasks.some(({ task }) => task === 'caption')
        if (isEmpty) throw new FlocapError('empty_answer', 'Expected text, got an empty answer.')
        return fake.captionTasks(request)
      },
    )
    const remote = await connectCaptioner({ url: await start({ captioner }) })
    const questions = parseQuestions({ task: 'od,caption' })
    const { answers } = await answerQuestions(remote, PICTURE, questions)
    expect(answers).toMatchObject([
      { task: 'od', confidence: 0.5 },
      { task: 'caption', empty: true },
    ])
  })

  it('says that nothing answers, or something else', async () => {
    await expect(connectCaptioner({ url: 'http://127.0.0.1:9' })).rejects.toMatchObject({
      message: 'No FloCap answers at http://127.0.0.1:9.',
    })
    const url = await start({})
    await expect(connectCaptioner({ url: `${url}/elsewhere` })).rejects.toMatchObject({
      subject: expect.anything(),
    })
  })

  it('stops waiting when it is told', async () => {
    const captioner = createFakeCaptioner({ delayMs: Infinity })
    const remote = await connectCaptioner({ url: await start({ captioner }) })
    const stop = new AbortController()
    const answer = remote.caption({ picture: PICTURE, task: 'caption' }, { signal: stop.signal })
    stop.abort()
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' })
  })
})
