import { EventEmitter, once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import type { FakeVisionModel } from '../../test/support/fake-vision-model.ts'
import type { TasksCaptioner } from './captioner.ts'
import { createModelCaptioner } from './model-captioner.ts'
import type { Priority } from './priority.ts'
import { withSharedRuns } from './share-runs.ts'
import { createTasksCaptioner } from './tasks-captioner.ts'

const request = { picture: new Uint8Array([1, 2, 3]), task: 'caption' } as const

interface Shared {
  readonly model: FakeVisionModel
  readonly captioner: TasksCaptioner
  /** Lets the model go on after its first piece of text. */
  readonly release: () => void
}

/** The model says the first of three pieces and then waits to be released. */
function createShared(): Shared {
  const gate = new EventEmitter()
  const released = once(gate, 'release').then(() => undefined)
  let pauses = 0
  const model = createFakeVisionModel({
    answers: { caption: 'A green car.' },
    delay() {
      pauses += 1
      return pauses === 1 ? Promise.resolve() : released
    },
  })
  return {
    model,
    captioner: withSharedRuns(createModelCaptioner(model)),
    release: () => gate.emit('release'),
  }
}

/** Waits until the model is at work. */
async function untilRunning(model: FakeVisionModel): Promise<void> {
  await expect.poll(() => model.running, { interval: 1 }).toBe(1)
}

describe('withSharedRuns', () => {
  it('runs identical requests at the same time once', async () => {
    const { model, captioner, release } = createShared()
    release()
    const results = await Promise.all([1, 2, 3].map(() => captioner.caption(request)))
    expect(results.map(({ text }) => text)).toEqual([
      'A green car.',
      'A green car.',
      'A green car.',
    ])
    expect(model.requests).toHaveLength(1)
  })

  it('tells everybody who shares a run its place in the queue', async () => {
    let wait: ((ahead: number) => void) | undefined
    let end: (() => void) | undefined
    const inner = createModelCaptioner(createFakeVisionModel({ answers: { caption: 'A car.' } }))
    const captioner = withSharedRuns({
      model: inner.model,
      caption: async (asked) => inner.caption(asked),
      async captionTasks(asked, hooks) {
        wait = hooks?.onWait
        await new Promise<void>((resolve) => {
          end = resolve
        })
        return inner.captionTasks(asked)
      },
    })
    const asked = { picture: request.picture, tasks: [{ task: 'caption' }] } as const
    const told: [who: number, ahead: number][] = []
    const both = [1, 2].map((who) =>
      captioner.captionTasks(asked, { onWait: (ahead) => told.push([who, ahead]) }),
    )
    const leaving = new AbortController()
    const third = captioner.captionTasks(asked, {
      signal: leaving.signal,
      onWait: (ahead) => told.push([3, ahead]),
    })
    wait?.(3)
    leaving.abort()
    await expect(third).rejects.toMatchObject({ code: 'cancelled' })
    // Whoever has left is told no more.
    wait?.(2)
    end?.()
    await Promise.all(both)
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
      [1, 2],
      [2, 2],
    ])
  })

  it('lets bulk join a run of either class, and nobody else a run in bulk', async () => {
    const { model, captioner, release } = createShared()
    const bulk = { priority: 'bulk' } as const
    const all = [captioner.caption(request, bulk), captioner.caption(request, bulk)]
    await untilRunning(model)
    expect(model.requests).toHaveLength(1)
    all.push(captioner.caption(request), captioner.caption(request, bulk))
    release()
    expect(await Promise.all(all)).toHaveLength(4)
    expect(model.requests).toHaveLength(2)
  })

  it('says of a run of which class it is', async () => {
    const inner = createModelCaptioner(createFakeVisionModel({ answers: { caption: 'A car.' } }))
    const classes: (Priority | undefined)[] = []
    const captioner = withSharedRuns(
      createTasksCaptioner(
        () => inner.model,
        async (asked, hooks) => {
          classes.push(hooks?.priority)
          return inner.captionTasks(asked, hooks)
        },
      ),
    )
    await captioner.caption(request, { priority: 'bulk' })
    await captioner.caption(request)
    expect(classes).toEqual(['bulk', undefined])
  })

  it('runs again when the first run is over', async () => {
    const { model, captioner, release } = createShared()
    release()
    await captioner.caption(request)
    await captioner.caption(request)
    expect(model.requests).toHaveLength(2)
  })

  it('does not mix different requests', async () => {
    const { model, captioner, release } = createShared()
    release()
    await Promise.all([
      captioner.caption(request),
      captioner.caption({ ...request, picture: new Uint8Array([9]) }),
      captioner.caption({ ...request, generation: { numBeams: 1 } }),
    ])
    expect(model.requests).toHaveLength(3)
  })

  it('keeps running while anybody waits', async () => {
    const { model, captioner, release } = createShared()
    const leaving = new AbortController()
    const first = captioner.caption(request, { signal: leaving.signal })
    const second = captioner.caption(request)
    await untilRunning(model)
    leaving.abort()
    await expect(first).rejects.toMatchObject({ code: 'cancelled' })
    release()
    expect(await second).toMatchObject({ text: 'A green car.' })
    expect(model).toMatchObject({ requests: { length: 1 }, aborted: 0 })
  })

  it('stops when the last one leaves', async () => {
    const { model, captioner } = createShared()
    const controllers = [new AbortController(), new AbortController()]
    const waiting = controllers.map(({ signal }) => captioner.caption(request, { signal }))
    await untilRunning(model)
    for (const controller of controllers) controller.abort()
    for (const result of waiting) await expect(result).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(() => [model.running, model.aborted]).toEqual([0, 1])
  })

  it('starts anew behind a run that was given up', async () => {
    const { model, captioner, release } = createShared()
    const leaving = new AbortController()
    const first = captioner.caption(request, { signal: leaving.signal })
    await untilRunning(model)
    leaving.abort()
    await expect(first).rejects.toMatchObject({ code: 'cancelled' })
    release()
    expect(await captioner.caption(request)).toMatchObject({ text: 'A green car.' })
    expect(model).toMatchObject({ requests: { length: 2 }, aborted: 1 })
  })

  it('refuses a request that is cancelled already', async () => {
    const { captioner } = createShared()
    await expect(captioner.caption(request, { signal: AbortSignal.abort() })).rejects.toMatchObject(
      { code: 'cancelled' },
    )
  })

  it('gives the whole text to everybody, whenever they came', async () => {
    const { model, captioner, release } = createShared()
    const heard = ['', '', '']
    const listen = (listener: number): Promise<unknown> =>
      captioner.caption(request, { onText: (text) => (heard[listener] += text) })
    const first = listen(0)
    const second = listen(1)
    await expect.poll(() => heard[0], { interval: 1 }).not.toBe('')
    const third = listen(2)
    await expect.poll(() => heard[2], { interval: 1 }).toBe('A')
    release()
    await Promise.all([first, second, third])
    expect(heard).toEqual(['A green car.', 'A green car.', 'A green car.'])
    expect(model.requests).toHaveLength(1)
  })

  it('gives the whole text to a listener who joined a run without listeners', async () => {
    const { model, captioner, release } = createShared()
    const silent = captioner.caption(request)
    await untilRunning(model)
    const onText = vi.fn<(text: string) => void>()
    const listening = captioner.caption(request, { onText })
    release()
    await Promise.all([silent, listening])
    expect(onText.mock.calls).toEqual([['A green car.']])
    expect(model.requests).toHaveLength(1)
  })

  it('lets a listener that throws fail alone', async () => {
    const { captioner, release } = createShared()
    release()
    const broken = captioner.caption(request, {
      onText() {
        throw new Error('closed')
      },
    })
    const other = captioner.caption(request)
    await expect(broken).rejects.toThrow('closed')
    expect(await other).toMatchObject({ text: 'A green car.' })
  })

  it('passes a failure to everybody and forgets it', async () => {
    let broken = true
    const model = createFakeVisionModel({
      answers: { caption: () => (broken ? new Error('broken') : 'A car.') },
    })
    const captioner = withSharedRuns(createModelCaptioner(model))
    const results = await Promise.allSettled([
      captioner.caption(request),
      captioner.caption(request),
    ])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(model.requests).toHaveLength(1)
    broken = false
    expect(await captioner.caption(request)).toMatchObject({ text: 'A car.' })
  })
})
