import { describe, expect, it, vi } from 'vitest'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import type { FakeVisionModel } from '../../test/support/fake-vision-model.ts'
import { withCache } from './cache.ts'
import type { TasksCaptioner } from './captioner.ts'
import { createModelCaptioner } from './model-captioner.ts'

const picture = new Uint8Array([1, 2, 3])

function createCached(maxBytes = 1_000_000): { model: FakeVisionModel; captioner: TasksCaptioner } {
  const model = createFakeVisionModel({
    answers: { caption: 'A car.', ocr: 'STOP', od: 'car<loc_1><loc_2><loc_3><loc_4>' },
  })
  return { model, captioner: withCache(createModelCaptioner(model), { maxBytes }) }
}

describe('withCache', () => {
  it('answers the same question once', async () => {
    const { model, captioner } = createCached()
    const first = await captioner.caption({ picture, task: 'caption' })
    const second = await captioner.caption({ picture: Uint8Array.from(picture), task: 'caption' })
    expect(model.requests).toHaveLength(1)
    expect(first).not.toHaveProperty('cached')
    expect(second).toEqual({
      ...first,
      cached: true,
      timings: { picture: 0, vision: 0, prefill: 0, decode: 0 },
    })
  })

  it('streams a remembered answer in one piece', async () => {
    const { captioner } = createCached()
    await captioner.caption({ picture, task: 'caption' })
    const onText = vi.fn<(text: string) => void>()
    await captioner.caption({ picture, task: 'caption' }, { onText })
    expect(onText.mock.calls).toEqual([['A car.']])
  })

  it('runs only the tasks that it does not know, and keeps their order', async () => {
    const { model, captioner } = createCached()
    await captioner.caption({ picture, task: 'od' })
    const streamed: [number, string][] = []
    const results = await captioner.captionTasks(
      { picture, tasks: [{ task: 'caption' }, { task: 'od' }, { task: 'ocr' }] },
      { onText: (task, text) => streamed.push([task, text]) },
    )
    expect(results.map(({ task, cached }) => [task, cached ?? false])).toEqual([
      ['caption', false],
      ['od', true],
      ['ocr', false],
    ])
    expect(model.requests[1]?.queries).toHaveLength(2)
    expect(streamed.filter(([task]) => task === 2)).toEqual([[2, 'STOP']])
  })

  it('forgets when it is full', async () => {
    const { model, captioner } = createCached(2000)
    for (const task of ['caption', 'ocr', 'od', 'caption'] as const) {
      await captioner.caption({ picture, task })
    }
    expect(model.requests).toHaveLength(4)
  })

  it('can be switched off', async () => {
    const { model, captioner } = createCached(0)
    await captioner.caption({ picture, task: 'caption' })
    await captioner.caption({ picture, task: 'caption' })
    expect(model.requests).toHaveLength(2)
  })

  it('does not remember failures', async () => {
    let broken = true
    const model = createFakeVisionModel({
      answers: { caption: () => (broken ? new Error('broken') : 'A car.') },
    })
    const captioner = withCache(createModelCaptioner(model), { maxBytes: 1_000_000 })
    await expect(captioner.caption({ picture, task: 'caption' })).rejects.toThrow('broken')
    broken = false
    expect(await captioner.caption({ picture, task: 'caption' })).toMatchObject({ text: 'A car.' })
  })

  it('leaves refusing to the captioner', async () => {
    const { captioner } = createCached()
    await expect(captioner.captionTasks({ picture, tasks: [] })).rejects.toMatchObject({
      code: 'invalid_request',
    })
  })
})
