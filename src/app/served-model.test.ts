import { describe, expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import { FlocapError } from '../base/errors.ts'
import { silentLogger } from '../base/log.ts'
import { createMetrics } from '../base/metrics.ts'
import type { SupervisedEngine } from '../engine/pool.ts'
import type { LoadingProgress } from '../engine/protocol.ts'
import { describeUnloaded } from '../engine/unloaded.ts'
import type { CheckpointChoice } from './choose-checkpoint.ts'
import { LateModel } from './late-model.ts'
import { BUNDLED_SOURCE } from './model-source.ts'
import { ServedModel } from './served-model.ts'
import { createServingCaptioner } from './serving-captioner.ts'

/** Longer than any test. */
const LONG_MS = 3_600_000

const choiceOf = (id: string, fineTuneTasks?: readonly string[]): CheckpointChoice => ({
  model: { kind: 'here', source: { ...BUNDLED_SOURCE, id, fineTuneTasks }, text: id },
  adapter: undefined,
  id,
  demo: false,
  fineTuneTasks,
})

/** A promise, and how to settle it. */
function createGate(): {
  readonly passed: Promise<void>
  readonly open: () => void
  readonly fail: (error: Error) => void
} {
  let open = (): void => undefined
  let fail: (error: Error) => void = () => undefined
  const passed = new Promise<void>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  passed.catch(() => undefined)
  return { passed, open, fail }
}

interface Loaded {
  readonly id: string
  /** Opened by the test: the model is loaded, or cannot be. */
  readonly loading: ReturnType<typeof createGate>
  /** Held by the test: its answers. */
  readonly answers: ReturnType<typeof createGate>
  readonly tell: ((progress: LoadingProgress) => void) | undefined
  isClosed: boolean
}

/** A served model whose models are loaded, answer and fail when the test says so. */
function createServed(loadWaitMs = LONG_MS) {
  const loads: Loaded[] = []
  /** How many engines are there at once. */
  let most = 0
  const start = (
    { id, demo }: CheckpointChoice,
    tell?: (progress: LoadingProgress) => void,
  ): LateModel => {
    const load: Loaded = { id, loading: createGate(), answers: createGate(), tell, isClosed: false }
    loads.push(load)
    most = Math.max(most, loads.filter(({ isClosed }) => !isClosed).length)
    const fake = createFakeVisionModel({
      answers: { caption: `Seen by ${id}.` },
      delay: async () => load.answers.passed,
      description: { id, fingerprint: id },
    })
    let state: SupervisedEngine['state'] = { kind: 'loading' }
    const isClosed = (): boolean => load.isClosed
    const ready = async (): Promise<void> => {
      await load.loading.passed
      if (isClosed()) throw new FlocapError('cancelled', 'The server is closing.')
    }
    load.loading.passed.then(
      () => (state = { kind: 'ready' }),
      (error: FlocapError) => (state = { kind: 'failed', error }),
    )
    return new LateModel({
      id,
      demo,
      loadWaitMs,
      prepare: async () => ({
        get description() {
          return state.kind === 'ready' ? fake.description : describeUnloaded({ modelId: id })
        },
        get state() {
          return state
        },
        restarts: { died: 1, hung: 0, memory: 0 },
        residentBytes: 1,
        ready,
        eventuallyReady: ready,
        answer: async (request, hooks) => fake.answer(request, hooks),
        draw: async () => new Uint8Array([1]),
        look: async (asked) => fake.look(asked),
        async close() {
          load.isClosed = true
          state = { kind: 'closed' }
          load.loading.open()
          load.answers.open()
        },
      }),
    })
  }
  const served = new ServedModel({
    choice: choiceOf('old'),
    start,
    background: 'white',
    loadWaitMs,
    logger: silentLogger,
  })
  return {
    served,
    /** The newest one. */
    newest: () => loads.at(-1)!,
    loads,
    most: () => most,
  }
}

const picture = new Uint8Array([1, 2, 3])
const request = { picture, task: 'caption' } as const

/** With the first model loaded. */
async function createReady(loadWaitMs?: number) {
  const made = createServed(loadWaitMs)
  const first = made.newest()
  first.loading.open()
  await made.served.ready()
  return { ...made, first, ask: async () => made.served.captioner.caption(request) }
}

/** Until everything that can go on has gone on. */
const settle = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

describe('a switch', () => {
  it('lets what runs end with the old model, and has what comes wait for the new one', async () => {
    const { served, first, ask, newest, most } = await createReady()
    const running = ask()
    await settle()
    const switched = served.switchTo(choiceOf('new'))
    const waiting = ask()
    await settle()
    expect(newest()).toBe(first)
    expect(served.readiness).toEqual({ ready: false, reason: 'switching to new' })
    expect(served.description).toMatchObject({ id: 'new', fingerprint: '' })
    first.answers.open()
    expect(await running).toMatchObject({ text: 'Seen by old.', model: { id: 'old' } })
    await expect.poll(() => newest().id).toBe('new')
    expect(first.isClosed).toBe(true)
    newest().tell?.({ stage: 'compile', fraction: 0.42 })
    expect(served.readiness).toMatchObject({ reason: 'switching to new, compiling 42 %' })
    newest().answers.open()
    newest().loading.open()
    await switched
    expect(await waiting).toMatchObject({ text: 'Seen by new.', model: { id: 'new' } })
    expect(served.readiness).toEqual({ ready: true })
    expect(served.restarts).toEqual({ died: 2, hung: 0, memory: 0 })
    expect(most()).toBe(1)
  })

  it('to a model that cannot be loaded says why, and the old one answers what waited', async () => {
    const { served, ask, newest, most } = await createReady()
    const switched = caughtError(() => served.switchTo(choiceOf('new')))
    const waiting = ask()
    await expect.poll(() => newest().id).toBe('new')
    newest().loading.fail(new FlocapError('invalid_model', 'Broken.'))
    expect(await switched).toMatchObject({ code: 'invalid_model', message: 'Broken.' })
    expect(newest().id).toBe('old')
    expect(served.choice.id).toBe('old')
    expect(served.readiness).toEqual({ ready: false, reason: 'loading' })
    newest().answers.open()
    newest().loading.open()
    expect(await waiting).toMatchObject({ text: 'Seen by old.' })
    expect(most()).toBe(1)
  })

  it('is one at a time', async () => {
    const { served, newest } = await createReady()
    const switched = served.switchTo(choiceOf('new'))
    expect(await caughtError(() => served.switchTo(choiceOf('third')))).toMatchObject({
      code: 'models_busy',
      message: 'FloCap is switching to the model new.',
    })
    await expect.poll(() => newest().id).toBe('new')
    newest().loading.open()
    await switched
  })

  it('is waited for no longer than --load-wait says, and ends its wait when the client goes', async () => {
    const { served, ask } = await createReady(30)
    void served.switchTo(choiceOf('new')).catch(() => undefined)
    expect(await caughtError(ask)).toMatchObject({ code: 'model_loading', retryAfterSeconds: 5 })
    const patient = await createReady()
    void patient.served.switchTo(choiceOf('new')).catch(() => undefined)
    const client = new AbortController()
    const waiting = caughtError(() =>
      patient.served.captioner.caption(request, { signal: client.signal }),
    )
    client.abort()
    expect(await waiting).toMatchObject({ code: 'cancelled' })
  })

  it('from a model that is still being loaded takes its waiting requests along', async () => {
    const { served, newest, loads } = createServed()
    const isReady = served.ready()
    const waiting = served.captioner.caption(request)
    await settle()
    const switched = served.switchTo(choiceOf('new'))
    await expect.poll(() => newest().id).toBe('new')
    newest().answers.open()
    newest().loading.open()
    await switched
    await isReady
    expect(await waiting).toMatchObject({ text: 'Seen by new.' })
    expect(loads).toHaveLength(2)
  })

  it('ends with the server, whether it waits or loads', async () => {
    const running = await createReady()
    const answer = running.ask()
    await settle()
    const waits = caughtError(() => running.served.switchTo(choiceOf('new')))
    await running.served.close()
    expect(await waits).toMatchObject({ code: 'closed' })
    await answer
    const idle = await createReady()
    const loads = caughtError(() => idle.served.switchTo(choiceOf('new')))
    await expect.poll(() => idle.newest().id).toBe('new')
    await idle.served.close()
    expect(await loads).toMatchObject({ code: 'closed' })
    expect(idle.loads.every(({ isClosed }) => isClosed)).toBe(true)
    expect(await caughtError(() => idle.served.switchTo(choiceOf('third')))).toMatchObject({
      code: 'closed',
    })
  })

  it('changes which tasks of fine-tunes are known', async () => {
    const { served, newest } = await createReady()
    const switched = served.switchTo(choiceOf('tagger', ['analyze']))
    await expect.poll(() => newest().id).toBe('tagger')
    newest().answers.open()
    newest().loading.open()
    await switched
    const ask = async (task: 'analyze' | 'generate_tags') =>
      served.captioner.caption({ picture, task })
    expect(await ask('analyze')).toMatchObject({ model: { id: 'tagger' } })
    expect(await caughtError(() => ask('generate_tags'))).toMatchObject({ code: 'unknown_task' })
  })

  it('leaves no answer of one model to be given for the other', async () => {
    const { served, first, newest } = await createReady()
    first.answers.open()
    const { captioner } = createServingCaptioner(
      served.captioner,
      served,
      { engines: 1, answerCacheMb: 1, background: 'white', maxQueue: 8 },
      createMetrics(),
      silentLogger,
    )
    const ask = async () => captioner.caption(request)
    expect(await ask()).toMatchObject({ text: 'Seen by old.' })
    const there = served.switchTo(choiceOf('new'))
    const waited = ask()
    await expect.poll(() => newest().id).toBe('new')
    newest().answers.open()
    newest().loading.open()
    await there
    expect(await waited).toMatchObject({ text: 'Seen by new.' })
    expect(await ask()).toMatchObject({ text: 'Seen by new.', cached: true })
    const back = served.switchTo(choiceOf('old'))
    await expect.poll(() => newest().id).toBe('old')
    newest().loading.open()
    await back
    expect(await ask()).toMatchObject({ text: 'Seen by old.', cached: true })
  })

  it('keeps every answer whole under many requests and switches', async () => {
    const { served, first, loads } = await createReady()
    first.answers.open()
    const answers: Promise<{ text: string; model: { id: string } }>[] = []
    for (let round = 0; round < 40; round += 1) {
      for (let each = 0; each < 5; each += 1) answers.push(served.captioner.caption(request))
      const before = loads.length
      const switched = served.switchTo(choiceOf(`model-${round}`))
      for (let each = 0; each < 5; each += 1) answers.push(served.captioner.caption(request))
      await expect.poll(() => loads.length, { interval: 1 }).toBe(before + 1)
      const load = loads.at(-1)!
      load.answers.open()
      if (round % 4 === 3) {
        load.loading.fail(new FlocapError('invalid_model', 'Broken.'))
        await caughtError(() => switched)
        loads.at(-1)!.answers.open()
        loads.at(-1)!.loading.open()
      } else {
        load.loading.open()
        await switched
      }
    }
    for (const { text, model } of await Promise.all(answers)) {
      expect(text).toBe(`Seen by ${model.id}.`)
    }
    expect(answers).toHaveLength(400)
  })
})
