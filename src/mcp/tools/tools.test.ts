import { describe, expect, it } from 'vitest'
import { createFakeCaptioner, FAKE_MODEL } from '../../../test/support/fake-captioner.ts'
import { FlocapError } from '../../base/errors.ts'
import type { CaptionResult, TaskRequest } from '../../caption/captioner.ts'
import type { TaskData } from '../../caption/task-data.ts'
import type { TaskId } from '../../caption/tasks.ts'
import type { Tool, ToolCall } from '../tool.ts'
import { captionImage } from './caption-image.ts'
import { describeScreen } from './describe-screen.ts'
import { findObjects } from './find-objects.ts'
import { readText } from './read-text.ts'

const SIZE = { width: 200, height: 100 }

type Answers = Partial<Record<TaskId, TaskData>>

/** A call that answers from a table, and remembers what was asked and drawn. */
function createCall(answers: Answers, finishReason: CaptionResult['finishReason'] = 'stop') {
  const asked: (readonly TaskRequest[])[] = []
  const drawn: (readonly TaskData[])[] = []
  const call: ToolCall = {
    async readPicture(source) {
      if (source === 'bad') throw new FlocapError('invalid_image', 'The file ends too early.')
      return Buffer.from(source)
    },
    async ask(_picture, tasks) {
      asked.push(tasks)
      return tasks.map(({ task }) => ({
        task,
        text: 'Said.',
        data: answers[task] ?? { kind: 'text', text: 'Said.' },
        alternatives: [],
        finishReason,
        confidence: 0.87654,
        usage: { promptTokens: 1, completionTokens: 1 },
        picture: SIZE,
        model: FAKE_MODEL,
        timings: { picture: 0, vision: 0, prefill: 0, decode: 0 },
      }))
    },
    async draw(_picture, found) {
      drawn.push(found)
      return Buffer.from('jpeg')
    },
    modelId: async () => createFakeCaptioner().model.id,
  }
  return { call, asked, drawn }
}

/** The whole answer, checked against the tool's own schema of results. */
async function run(tool: Tool, args: unknown, call: ToolCall) {
  const answer = await tool.run(args, call)
  tool.output.parse(answer.structured)
  return answer
}

const quad = (label: string, x: number, y: number) => ({
  label,
  quad: [x, y, x + 30, y, x + 30, y + 10, x, y + 10],
  score: 0.5,
})

describe('describe_screen', () => {
  it('asks for text and things at once, and gives both in reading order', async () => {
    const { call, asked, drawn } = createCall({
      ocr_with_region: { kind: 'quads', quads: [quad('Cancel', 100, 80), quad('Save', 10, 80)] },
      dense_region_caption: {
        kind: 'boxes',
        boxes: [{ label: 'a window', box: [0, 0, 200, 20] }],
      },
    })
    const { structured, text, preview } = await run(
      describeScreen,
      { image: 'x', annotate: true },
      call,
    )
    expect(asked.map((tasks) => tasks.map(({ task }) => task))).toEqual([
      ['ocr_with_region', 'dense_region_caption'],
    ])
    expect(structured).toMatchObject({
      elements: [
        { kind: 'thing', label: 'a window', box: [0, 0, 200, 20] },
        { kind: 'text', label: 'Save', box: [10, 80, 40, 90], score: 0.5 },
        { kind: 'text', label: 'Cancel' },
      ],
      ...SIZE,
    })
    expect(text.split('\n')).toHaveLength(3)
    expect(preview).toBeDefined()
    expect(drawn).toHaveLength(1)
  })
})

describe('find_objects', () => {
  const boxes = (label: string): TaskData => ({
    kind: 'boxes',
    boxes: [{ label, box: [1.04, 2.06, 30, 40], score: 0.12345 }],
  })
  const nothing: TaskData = { kind: 'boxes_or_polygons', boxes: [], polygons: [] }

  it('lists all things without a query', async () => {
    const { call, asked } = createCall({ od: boxes('car') })
    const { structured, text } = await run(findObjects, { image: 'x' }, call)
    expect(structured).toMatchObject({
      findings: [{ label: 'car', box: [1, 2.1, 30, 40], score: 0.123 }],
    })
    expect(text).toBe('car at 1, 2, 30, 40')
    expect(asked).toEqual([[{ task: 'od' }]])
  })

  it('takes what grounding finds where the open vocabulary finds nothing, from one look', async () => {
    const { call, asked } = createCall({
      open_vocabulary_detection: nothing,
      caption_to_phrase_grounding: boxes('the red mug'),
    })
    const { structured } = await run(findObjects, { image: 'x', query: 'the red mug' }, call)
    expect(structured).toMatchObject({ findings: [{ label: 'the red mug' }] })
    expect(asked).toHaveLength(1)
  })

  it('draws outlines, and the box of what has none', async () => {
    const { call, drawn } = createCall({ od: boxes('car'), region_to_segmentation: nothing })
    await run(findObjects, { image: 'x', outlines: true, annotate: true }, call)
    expect(drawn).toEqual([
      [
        {
          kind: 'boxes_or_polygons',
          boxes: [{ label: 'car', box: [1, 2.1, 30, 40] }],
          polygons: [],
        },
      ],
    ])
  })

  it('outlines every thing, however many there are, and says nothing found as such', async () => {
    const many = Array.from({ length: 70 }, (_, at) => ({
      label: `${at}`,
      box: [at, 0, at + 9, 9] as const,
    }))
    const { call, asked } = createCall({
      od: { kind: 'boxes', boxes: many },
      region_to_segmentation: {
        kind: 'polygons',
        polygons: [{ label: '', outlines: [[0, 0, 9, 0, 9, 9]] }],
      },
    })
    const { structured } = await run(findObjects, { image: 'x', outlines: true }, call)
    expect(structured).toMatchObject({ findings: { length: 70 } })
    expect(JSON.stringify(structured).match(/"polygons"/g)).toHaveLength(70)
    expect(asked.map(({ length }) => length)).toEqual([1, 32, 32, 6])
    const none = await run(findObjects, { image: 'x' }, createCall({ od: nothing }).call)
    expect(none).toMatchObject({ text: 'No objects found.', structured: { findings: [] } })
  })
})

describe('caption_image', () => {
  it('gives each picture its caption or its error, in their order', async () => {
    const { call, asked } = createCall({}, 'length')
    const answer = await run(captionImage, { images: ['a', 'bad'], start_with: 'A' }, call)
    expect(answer).toMatchObject({
      text: '1. Said.\n2. Failed: The file ends too early.',
      failed: false,
      structured: {
        captions: [
          { image: 0, caption: 'Said.', confidence: 0.877, truncated: true, ...SIZE },
          { image: 1, error: { code: 'invalid_image' } },
        ],
      },
    })
    expect(asked[0]).toEqual([{ task: 'detailed_caption', generation: { prefix: 'A' } }])
    expect(await run(captionImage, { images: ['bad'] }, call)).toMatchObject({ failed: true })
  })
})

describe('read_text', () => {
  it('reads places line by line', async () => {
    const quads = [quad('world', 60, 1), quad('below', 0, 50), quad('Hello', 10, 0)]
    const { call } = createCall({ ocr_with_region: { kind: 'quads', quads } })
    const { structured, text } = await run(readText, { image: 'x', where: true }, call)
    expect(text).toBe('Hello world\nbelow')
    expect(structured).toMatchObject({
      lines: [
        { text: 'Hello', box: [10, 0, 40, 10], quad: [10, 0, 40, 0, 40, 10, 10, 10], score: 0.5 },
        { text: 'world' },
        { text: 'below' },
      ],
    })
  })

  it('has no text where there is none, and says so', async () => {
    const { call } = createCall({ ocr: { kind: 'text', text: '' } })
    expect(await run(readText, { image: 'x' }, call)).toMatchObject({
      text: 'Said.',
      structured: { text: '', lines: [] },
    })
  })
})
