// What every Captioner promises, put to the real one, to each layer around it and to the fake that
// tests of the HTTP layer use: a fake that promised more or less would prove what cannot be.
import { describe, expect, it } from 'vitest'
import { createFakeCaptioner } from '../../test/support/fake-captioner.ts'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import { PNG } from '../../test/support/pictures.ts'
import { withCache } from './cache.ts'
import type { TasksCaptioner } from './captioner.ts'
import { createModelCaptioner } from './model-captioner.ts'
import { withSharedRuns } from './share-runs.ts'
import { TASKS, TASK_IDS } from './tasks.ts'
import type { TaskId } from './tasks.ts'

function realCaptioner(): TasksCaptioner {
  const box = 'car<loc_52><loc_332><loc_932><loc_774>'
  return createModelCaptioner(createFakeVisionModel({ answers: { od: box, ocr: '' } }))
}

const CAPTIONERS: Readonly<Record<string, () => TasksCaptioner>> = {
  'the captioner over a model': realCaptioner,
  'one with a cache': () => withCache(realCaptioner(), { maxBytes: 1_000_000 }),
  'one that shares runs': () => withSharedRuns(realCaptioner()),
  'the fake': createFakeCaptioner,
}

function requestFor(task: TaskId) {
  const { takes } = TASKS[task]
  return {
    picture: PNG,
    task,
    ...(takes === 'text' ? { input: 'a car' } : {}),
    ...(takes === 'region' ? { region: { unit: 'bin', box: [1, 2, 3, 4] } as const } : {}),
  }
}

describe.each(Object.entries(CAPTIONERS))('%s', (_, create) => {
  it.each(TASK_IDS)('answers %s with clean text, and streams exactly that', async (task) => {
    const captioner = create()
    // A second time, because some remember.
    for (let round = 0; round < 2; round += 1) {
      let streamed = ''
      const result = await captioner.caption(requestFor(task), {
        onText: (text) => (streamed += text),
      })
      expect(result.task).toBe(task)
      expect(result.text).not.toBe('')
      expect(result.text).toBe(result.text.trim())
      expect(result.data.kind).toBe(TASKS[task].answer)
      expect(streamed).toBe(result.data.kind === 'text' ? result.text : '')
      expect(result.confidence).toSatisfy((value: number) => value >= 0 && value <= 1)
    }
  })

  it('answers several tasks in their order', async () => {
    const tasks = (['ocr', 'caption', 'od'] as const).map((task) => ({ task }))
    const results = await create().captionTasks({ picture: PNG, tasks })
    expect(results.map(({ task }) => task)).toEqual(['ocr', 'caption', 'od'])
  })

  it.each([
    ['a text for a task that takes none', { task: 'od', input: 'x' }, 'invalid_task_input'],
    ['no text where one is needed', { task: 'vqa' }, 'invalid_task_input'],
    ['a number out of range', { task: 'od', generation: { numBeams: 99 } }, 'invalid_request'],
  ] as const)('refuses %s', async (_name, request, code) => {
    await expect(create().caption({ picture: PNG, ...request })).rejects.toMatchObject({ code })
  })

  it('fails as cancelled when the request was given up before', async () => {
    const signal = AbortSignal.abort()
    const asked = create().caption({ picture: PNG, task: 'caption' }, { signal })
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
  })
})
