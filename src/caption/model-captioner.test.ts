import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { FAKE_CAPTION, createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import type { FakeVisionModelOptions } from '../../test/support/fake-vision-model.ts'
import type { TasksCaptioner } from './captioner.ts'
import { createModelCaptioner } from './model-captioner.ts'
import { digestPicture } from './picture-digest.ts'
import type { TaskId } from './tasks.ts'

/** What an unchecked front might pass on. */
const notATask: TaskId = JSON.parse('"constructor"')

const picture = new Uint8Array([1, 2, 3])

function captionerThatSays(answers: FakeVisionModelOptions['answers']): TasksCaptioner {
  return createModelCaptioner(createFakeVisionModel({ answers: answers ?? {} }))
}

describe('caption', () => {
  it('gives the answer without control tokens, and says what it took', async () => {
    const model = createFakeVisionModel()
    const result = await createModelCaptioner(model).caption({ picture, task: 'caption' })
    expect(result).toMatchObject({
      task: 'caption',
      text: FAKE_CAPTION,
      data: { kind: 'text', text: FAKE_CAPTION },
      alternatives: [],
      finishReason: 'stop',
      usage: { promptTokens: 584, completionTokens: 12 },
      picture: { width: 640, height: 480 },
      model: { id: 'fake-model' },
      timings: { picture: 1, vision: 2, prefill: 3, decode: 4 },
    })
    expect(result.confidence).toBeCloseTo(Math.exp(-0.1), 12)
    expect(model.requests).toEqual([
      {
        picture,
        digest: digestPicture(picture),
        applyOrientation: true,
        background: 'white',
        queries: [
          {
            prompt: [{ kind: 'text', text: 'What does the image describe?' }],
            generation: expect.objectContaining({ numBeams: 3, maxNewTokens: 1024 }),
          },
        ],
      },
    ])
  })

  it('refuses a task that the model is known not to have, with the list of those it has', async () => {
    const model = createFakeVisionModel()
    const captioner = createModelCaptioner(model, { fineTuneTasks: ['analyze'] })
    await expect(captioner.caption({ picture, task: 'generate_tags' })).rejects.toMatchObject({
      code: 'unknown_task',
      message: 'The model fake-model was not trained on the task generate_tags.',
      hint: expect.stringMatching(/^Its tasks are caption, .*region_to_ocr, analyze, raw\. /),
    })
    for (const task of ['caption', 'od', 'analyze'] as const) {
      await captioner.caption({ picture, task, generation: { numBeams: 1 } }).catch((error) => {
        expect(error).not.toMatchObject({ code: 'unknown_task' })
      })
    }
    expect(model.requests.length).toBe(3)
  })

  it('puts every task to a model of which nothing is known', async () => {
    const model = createFakeVisionModel()
    await createModelCaptioner(model).caption({ picture, task: 'generate_tags' })
    expect(model.requests).toHaveLength(1)
  })

  it('sends a prompt as it is written, tokens of the model itself as tokens', async () => {
    const model = createFakeVisionModel()
    const description = { ...model.description, taskTokens: ['<MY_TASK>'] }
    await createModelCaptioner(Object.assign(model, { description })).caption({
      picture,
      task: 'raw',
      input: '<MY_TASK> of <loc_1>',
    })
    expect(model.requests[0]?.queries[0]?.prompt).toEqual([
      { kind: 'token', token: '<MY_TASK>' },
      { kind: 'text', text: ' of <loc_1>' },
    ])
  })

  it('lays the options of a request over those of the captioner', async () => {
    const model = createFakeVisionModel()
    const captioner = createModelCaptioner(model, {
      generation: { numBeams: 5, maxNewTokens: 200 },
    })
    await captioner.caption({ picture, task: 'caption', generation: { maxNewTokens: 20 } })
    expect(model.requests[0]?.queries[0]?.generation).toMatchObject({
      numBeams: 5,
      maxNewTokens: 20,
      noRepeatNgramSize: 3,
    })
  })

  it('passes on that the picture is not to be turned', async () => {
    const model = createFakeVisionModel()
    await createModelCaptioner(model).caption({ picture, task: 'caption', applyOrientation: false })
    expect(model.requests[0]?.applyOrientation).toBe(false)
  })

  it('gives boxes as data and as lines', async () => {
    const captioner = captionerThatSays({ od: 'car<loc_52><loc_332><loc_932><loc_774>' })
    expect(await captioner.caption({ picture, task: 'od' })).toMatchObject({
      text: 'car: 34, 160, 597, 372',
      data: { kind: 'boxes', boxes: [{ label: 'car' }] },
    })
  })

  it('gives text and region of a task to the model', async () => {
    const captioner = captionerThatSays({
      open_vocabulary_detection: (input) => `${input}<loc_1><loc_1><loc_500><loc_500>`,
      region_to_category: (input) => `car${input}`,
    })
    const found = await captioner.caption({
      picture,
      task: 'open_vocabulary_detection',
      input: 'wheels',
    })
    expect(found.text).toBe('wheels: 1, 1, 320, 240')
    const category = await captioner.caption({
      picture,
      task: 'region_to_category',
      region: { unit: 'bin', box: [52, 332, 932, 774] },
    })
    expect(category.text).toBe('car')
  })

  it('reads answers as the reference does when told to', async () => {
    const model = createFakeVisionModel({
      answers: { ocr_with_region: `CUDA${'<loc_414>'.repeat(8)}` },
    })
    const captioner = createModelCaptioner(model, {
      parsing: { mode: 'reference', ocrAreaThreshold: 0 },
    })
    const result = await captioner.caption({ picture, task: 'ocr_with_region' })
    expect(result.data).toMatchObject({ quads: [{ label: '</s>CUDA' }] })
    expect(result.text).toBe('CUDA')
  })

  it.each([
    ['ocr', ' \n', 'No text found.'],
    ['od', '', 'No objects found.'],
    ['ocr_with_region', '', 'No text found.'],
  ] as const)('says a sentence when %s finds nothing', async (task, answer, sentence) => {
    const onText = vi.fn<(text: string) => void>()
    const result = await captionerThatSays({ [task]: answer }).caption(
      { picture, task },
      { onText },
    )
    expect(result.text).toBe(sentence)
    const streams = result.data.kind === 'text'
    expect(onText.mock.calls).toEqual(streams ? [[sentence]] : [])
  })

  it.each(['caption', 'region_to_category', 'generate_tags'] as const)(
    'fails when %s says nothing',
    async (task) => {
      const region = { unit: 'bin', box: [1, 1, 9, 9] } as const
      const request = task === 'region_to_category' ? { picture, task, region } : { picture, task }
      for (const answer of ['', ' \n', '<loc_1>']) {
        await expect(captionerThatSays({ [task]: answer }).caption(request)).rejects.toMatchObject({
          code: 'empty_answer',
        })
      }
    },
  )

  it('leaves out further answers that say nothing', async () => {
    const answer = { text: '</s><s>A car.</s>', others: [{ text: '</s><s> </s>' }] }
    const { alternatives } = await captionerThatSays({ caption: answer }).caption({
      picture,
      task: 'caption',
      generation: { numReturnSequences: 2 },
    })
    expect(alternatives.map(({ text }) => text)).toEqual(['A car.'])
  })

  it('gives all answers when more than one was asked for', async () => {
    const captioner = captionerThatSays({
      caption: {
        text: '</s><s>A car.</s>',
        others: [{ text: '</s><s>A red car.</s>', finishReason: 'length' }],
      },
    })
    const result = await captioner.caption({
      picture,
      task: 'caption',
      generation: { numReturnSequences: 2 },
    })
    expect(result.text).toBe('A car.')
    expect(result.alternatives).toMatchObject([
      { text: 'A car.', finishReason: 'stop' },
      { text: 'A red car.', finishReason: 'length' },
    ])
    expect(result.usage.completionTokens).toBe(4 + 5)
  })

  it('passes the finish reason on', async () => {
    for (const finishReason of ['stop', 'length', 'stop_text'] as const) {
      const captioner = captionerThatSays({ caption: { text: '<s>A car', finishReason } })
      expect(await captioner.caption({ picture, task: 'caption' })).toMatchObject({ finishReason })
    }
  })

  it.each([
    ['an empty file', 'empty_image_file', { picture: new Uint8Array(), task: 'caption' }],
    ['a task that does not exist', 'unknown_task', { picture, task: notATask }],
    ['a missing text', 'invalid_task_input', { picture, task: 'vqa' }],
    ['no beams', 'invalid_request', { picture, task: 'caption', generation: { numBeams: 0 } }],
  ] as const)('refuses %s without running the model', async (_name, code, request) => {
    const model = createFakeVisionModel()
    await expect(createModelCaptioner(model).caption(request)).rejects.toMatchObject({ code })
    expect(model.requests).toEqual([])
  })

  it.each(['caption', 'ocr'] as const)(
    'says that a stop text left nothing of %s, which is no empty answer',
    async (task) => {
      const cut = { text: '</s><s>', finishReason: 'stop_text' } as const
      const model = createFakeVisionModel({ answers: { [task]: cut } })
      const generation = { stop: ['A'] }
      await expect(
        createModelCaptioner(model).caption({ picture, task, generation }),
      ).rejects.toMatchObject({ code: 'invalid_request', subject: 'stop' })
    },
  )

  it('refuses defaults that cannot be used when it is made', () => {
    expect(() =>
      createModelCaptioner(createFakeVisionModel(), { generation: { numBeams: 0 } }),
    ).toThrow('num_beams')
  })

  it('passes on what the model throws', async () => {
    const failure = new Error('out of memory')
    await expect(
      captionerThatSays({ caption: failure }).caption({ picture, task: 'caption' }),
    ).rejects.toBe(failure)
  })

  it('does not start when the request is cancelled already', async () => {
    const model = createFakeVisionModel()
    const run = createModelCaptioner(model).caption(
      { picture, task: 'caption' },
      { signal: AbortSignal.abort() },
    )
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    expect(model.requests).toEqual([])
  })

  it('stops the model when the request is cancelled', async () => {
    const model = createFakeVisionModel({ delay: 5 })
    const controller = new AbortController()
    const run = createModelCaptioner(model).caption(
      { picture, task: 'caption' },
      { signal: controller.signal, onText: () => controller.abort() },
    )
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    expect(model).toMatchObject({ running: 0, aborted: 1 })
  })
})

describe('streaming', () => {
  it('passes on clean pieces that add up to the final text', async () => {
    const pieces: string[] = []
    const result = await captionerThatSays({
      caption: {
        text: '</s><s> A green car.</s>',
        pieces: ['</', 's><s', '> A ', 'gre', 'en ', 'car'],
      },
    }).caption({ picture, task: 'caption' }, { onText: (text) => pieces.push(text) })
    expect(pieces).toEqual(['A', ' gre', 'en', ' car', '.'])
    expect(pieces.join('')).toBe(result.text)
  })

  it('adds up for every answer and every way to cut it', async () => {
    const part = fc.constantFrom(
      '<s>',
      '</s>',
      '<loc_5>',
      ' ',
      '\n',
      'a',
      '<',
      '</',
      'pad>',
      '<pad>',
      '🙂',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(part).map((parts) => parts.join(''))),
        fc.constantFrom('caption', 'ocr', 'mixed_caption' as const),
        async (pieces, task) => {
          let streamed = ''
          const result = await captionerThatSays({
            [task]: { text: `${pieces.join('')}.`, pieces: [...pieces, '.'] },
          }).caption({ picture, task }, { onText: (text) => (streamed += text) })
          expect(streamed).toBe(result.text)
        },
      ),
    )
  })

  it('is only for plain text', async () => {
    const onText = vi.fn<(text: string) => void>()
    await captionerThatSays({ od: 'car<loc_1><loc_2><loc_3><loc_4>' }).caption(
      { picture, task: 'od' },
      { onText },
    )
    expect(onText).not.toHaveBeenCalled()
  })

  it('fails when the model streams something else than it answers', async () => {
    const captioner = captionerThatSays({ caption: { text: 'A car.', pieces: ['A cat.'] } })
    await expect(
      captioner.caption({ picture, task: 'caption' }, { onText: () => undefined }),
    ).rejects.toMatchObject({ code: 'internal_error' })
  })
})

describe('captionTasks', () => {
  it('answers several tasks from one run', async () => {
    const model = createFakeVisionModel({
      answers: { caption: 'A car.', od: 'car<loc_52><loc_332><loc_932><loc_774>', ocr: 'STOP' },
    })
    const streamed: [number, string][] = []
    const results = await createModelCaptioner(model).captionTasks(
      { picture, tasks: [{ task: 'caption' }, { task: 'od' }, { task: 'ocr' }] },
      { onText: (task, text) => streamed.push([task, text]) },
    )
    expect(results.map(({ task, text }) => [task, text])).toEqual([
      ['caption', 'A car.'],
      ['od', 'car: 34, 160, 597, 372'],
      ['ocr', 'STOP'],
    ])
    expect(model.requests).toHaveLength(1)
    expect(model.requests[0]?.queries).toHaveLength(3)
    expect(streamed.map(([task]) => task)).toEqual([0, 0, 2])
  })

  it.each([
    ['no task', []],
    ['too many', Array.from({ length: 33 }, () => ({ task: 'caption' as const }))],
  ])('refuses %s', async (_name, tasks) => {
    await expect(captionerThatSays({}).captionTasks({ picture, tasks })).rejects.toMatchObject({
      code: 'invalid_request',
    })
  })
})
