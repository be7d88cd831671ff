import { describe, expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { createFakeVisionModel, FAKE_CAPTION } from '../../test/support/fake-vision-model.ts'
import { FlocapError } from '../base/errors.ts'
import { createModelCaptioner } from '../caption/model-captioner.ts'
import type { OnInstallEvent } from './install-progress.ts'
import { LateModel, type LateModelOptions } from './late-model.ts'

type Prepared = Awaited<ReturnType<LateModelOptions['prepare']>>

/** An engine whose model is loaded. */
function createEngine(): Prepared & { readonly closed: () => boolean } {
  const model = createFakeVisionModel()
  const engine = { closed: false }
  return {
    description: model.description,
    state: { kind: 'ready' },
    restarts: { died: 0, hung: 0, memory: 0 },
    residentBytes: 1,
    ready: async () => undefined,
    eventuallyReady: async () => undefined,
    answer: (request, hooks) => model.answer(request, hooks),
    draw: async () => new Uint8Array([1]),
    look: async (asked) => createFakeVisionModel().look(asked),
    close: async () => {
      engine.closed = true
    },
    closed: () => engine.closed,
  }
}

interface Preparation {
  readonly model: LateModel
  readonly onEvent: OnInstallEvent
  readonly signal: AbortSignal
  readonly resolve: (engine: Prepared) => void
  readonly reject: (error: Error) => void
}

function start(loadWaitMs?: number): Preparation {
  const { promise, resolve, reject } = createDeferred<Prepared>()
  const given: Partial<Record<'onEvent', OnInstallEvent> & Record<'signal', AbortSignal>> = {}
  const model = new LateModel({
    id: 'their-model',
    demo: false,
    ...(loadWaitMs === undefined ? {} : { loadWaitMs }),
    prepare: (onEvent, signal) => {
      Object.assign(given, { onEvent, signal })
      return promise
    },
  })
  const { onEvent, signal } = given
  if (!onEvent || !signal) throw new Error('prepare was not called')
  return { model, onEvent, signal, resolve, reject }
}

/** Promise.withResolvers, which Node 20 lacks. */
function createDeferred<T>(): {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
} {
  let settle: { resolve: (value: T) => void; reject: (error: Error) => void } | undefined
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject }
  })
  if (!settle) throw new Error('a promise that does not run its executor')
  return { promise, ...settle }
}

const picture = new Uint8Array([1, 2, 3])
const caption = (model: LateModel): Promise<unknown> =>
  createModelCaptioner(model).caption({ picture, task: 'caption' })

function progress(totalReceived: number): Parameters<OnInstallEvent>[0] {
  const size = 1000
  return {
    kind: 'file-progress',
    path: 'x',
    size,
    received: totalReceived,
    totalReceived,
    totalBytes: size,
  }
}

/** Longer than any test. */
const LONG_MS = 3_600_000

describe('a request for a model that is on its way', () => {
  it('waits for it and is answered', async () => {
    const { model, onEvent, resolve } = start(LONG_MS)
    const answers = [caption(model), model.draw(picture, '<svg/>', { applyOrientation: true })]
    onEvent(progress(500))
    resolve(createEngine())
    expect(await Promise.all(answers)).toEqual([
      expect.objectContaining({ text: FAKE_CAPTION }),
      new Uint8Array([1]),
    ])
  })

  it('waits for an engine that still reads the model', async () => {
    const { model, resolve } = start(LONG_MS)
    const read = createDeferred<undefined>()
    let state: Prepared['state'] = { kind: 'loading' }
    const engine = createEngine()
    resolve({
      ...engine,
      get state() {
        return state
      },
      ready: async () => read.promise,
    })
    const answer = caption(model)
    await new Promise((done) => setTimeout(done, 20))
    state = { kind: 'ready' }
    read.resolve(undefined)
    expect(await answer).toMatchObject({ text: FAKE_CAPTION })
  })

  it('waits no longer than it may, the time in the queue included', async () => {
    const { model } = start(20)
    expect(await caughtError(() => caption(model))).toMatchObject({
      code: 'model_loading',
      retryAfterSeconds: 3,
    })
    const { model: other } = start(LONG_MS)
    expect(await caughtError(() => other.loaded({ waitedMs: LONG_MS }))).toMatchObject({
      code: 'model_loading',
    })
  })

  it('ends its wait when the client hangs up', async () => {
    const { model } = start(LONG_MS)
    const client = new AbortController()
    const waiting = caughtError(() => model.loaded({ signal: client.signal }))
    client.abort()
    expect(await waiting).toMatchObject({ code: 'cancelled' })
  })

  it('gets the reason at once when the model cannot be had, waiting or new', async () => {
    const { model, reject } = start(LONG_MS)
    const waiting = caughtError(() => caption(model))
    reject(new FlocapError('invalid_model', 'Broken.'))
    expect(await waiting).toMatchObject({ code: 'invalid_model', message: 'Broken.' })
    expect(await caughtError(() => caption(model))).toMatchObject({ message: 'Broken.' })
  })

  it('waits for the attempt that follows a failure, once it is on its way', async () => {
    const again = createDeferred<Prepared>()
    let attempts = 0
    const model = new LateModel({
      id: 'x',
      demo: false,
      loadWaitMs: LONG_MS,
      prepare: async (onEvent) => {
        attempts += 1
        if (attempts === 1) throw new FlocapError('model_download_failed', 'Cut.')
        onEvent(progress(100))
        return again.promise
      },
      retryAfter: () => 1,
    })
    await expect(model.ready()).rejects.toMatchObject({ message: 'Cut.' })
    await expect.poll(() => model.readiness).toMatchObject({ reason: 'downloading 10 %' })
    const answer = caption(model)
    again.resolve(createEngine())
    expect(await answer).toMatchObject({ text: FAKE_CAPTION })
  })
})

describe('a model that is on its way', () => {
  it('says how far it is, to probes and to clients, and when to ask again', async () => {
    const { model, onEvent } = start()
    expect(model.readiness).toEqual({ ready: false, reason: 'loading' })
    onEvent({ kind: 'file-retry', path: 'x', reason: 'cut', pauseMs: 1 })
    expect(model.readiness).toEqual({ ready: false, reason: 'waiting for the Hub: cut' })
    onEvent(progress(429))
    expect(model.readiness).toEqual({ ready: false, reason: 'downloading 42 %' })
    const error = await caughtError(() => caption(model))
    expect(error).toMatchObject({
      code: 'model_loading',
      message: 'The model is not here yet: downloading 42 %.',
      retryAfterSeconds: 10,
    })
    expect(model.description).toMatchObject({ id: 'their-model', demo: false })
  })

  it('answers when it has come', async () => {
    const { model, resolve } = start()
    resolve(createEngine())
    await model.ready()
    expect(model.readiness).toEqual({ ready: true })
    expect(await caption(model)).toMatchObject({ text: FAKE_CAPTION })
    expect(await model.draw(picture, '<svg/>', { applyOrientation: true })).toEqual(
      new Uint8Array([1]),
    )
  })

  it('gives everybody the reason when it cannot be had', async () => {
    const { model, reject } = start()
    reject(new FlocapError('model_access_denied', 'No.', { hint: 'Ask.' }))
    await expect(model.ready()).rejects.toMatchObject({ code: 'model_access_denied' })
    await expect(caption(model)).rejects.toMatchObject({ message: 'No.', hint: 'Ask.' })
    expect(model.readiness).toEqual({ ready: false, status: 'failed', reason: 'No.' })
    await model.close()
  })

  it('is asked for again where it may still come, and answers then', async () => {
    const failures: number[] = []
    let attempts = 0
    const model = new LateModel({
      id: 'x',
      demo: false,
      prepare: async () => {
        attempts += 1
        if (attempts < 3) throw new FlocapError('disk_full', `Full ${attempts}.`)
        return createEngine()
      },
      retryAfter: (_, count) => {
        failures.push(count)
        return 20
      },
    })
    await expect(model.ready()).rejects.toMatchObject({ message: 'Full 1.' })
    expect(model.readiness).toEqual({ ready: false, status: 'failed', reason: 'Full 1.' })
    await expect(caption(model)).rejects.toMatchObject({ code: 'disk_full' })
    await model.eventuallyReady()
    expect(failures).toEqual([1, 2])
    expect(model.readiness).toEqual({ ready: true })
    expect(await caption(model)).toMatchObject({ text: FAKE_CAPTION })
    await model.close()
  })

  it('is not asked for again once the server closes', async () => {
    const model = new LateModel({
      id: 'x',
      demo: false,
      prepare: async () => {
        throw new FlocapError('disk_full', 'Full.')
      },
      retryAfter: () => 3_600_000,
    })
    await expect(model.ready()).rejects.toMatchObject({ message: 'Full.' })
    await model.close()
    await expect(model.eventuallyReady()).rejects.toMatchObject({ message: 'Full.' })
  })

  it('is not waited for by a server that closes', async () => {
    const { model, signal, reject } = start()
    signal.addEventListener('abort', () => reject(new FlocapError('cancelled', 'Stopped.')))
    await model.close()
    expect(signal.aborted).toBe(true)
  })

  it('ends its engine when it is closed', async () => {
    const { model, resolve } = start()
    const engine = createEngine()
    resolve(engine)
    await model.ready()
    await model.close()
    expect(engine.closed()).toBe(true)
  })
})
