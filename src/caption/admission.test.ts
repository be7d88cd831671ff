import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import { type AdmissionOptions, DEFAULT_ADMISSION, withAdmission } from './admission.ts'
import { withCache } from './cache.ts'
import type { CaptionHooks } from './captioner.ts'
import { createModelCaptioner } from './model-captioner.ts'
import { PRIORITIES } from './priority.ts'
import { withSharedRuns } from './share-runs.ts'

const RUN_MS = 1_000

/** Each run takes a second of a clock that the test moves. */
function createAdmitted(options: Partial<AdmissionOptions> = {}) {
  const order: number[] = []
  const model = createFakeVisionModel({
    answers: { caption: { text: '</s><s>A car.</s>', pieces: [] } },
    delay: async () => new Promise((resolve) => setTimeout(resolve, RUN_MS)),
  })
  const inner = createModelCaptioner(model)
  const captioner = withAdmission(inner, { ...DEFAULT_ADMISSION, places: 1, ...options })
  const ask = async (id: number, hooks: CaptionHooks = {}, bytes = 1): Promise<string> => {
    const picture = new Uint8Array(bytes).fill(id)
    const { text } = await captioner.caption({ picture, task: 'caption' }, hooks)
    order.push(id)
    return text
  }
  return { model, captioner, ask, order }
}

const outcome = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'answered',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )

describe('withAdmission', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('lets in as many as there are places and answers all, oldest first', async () => {
    const { model, captioner, ask, order } = createAdmitted({ places: 2 })
    const all = [1, 2, 3, 4].map((id) => ask(id))
    await vi.advanceTimersByTimeAsync(RUN_MS / 2)
    expect([model.running, captioner.running, captioner.waiting]).toEqual([2, 2, 2])
    await vi.advanceTimersByTimeAsync(2 * RUN_MS)
    expect(await Promise.all(all)).toHaveLength(4)
    expect(order).toEqual([1, 2, 3, 4])
    expect([captioner.running, captioner.waiting]).toEqual([0, 0])
  })

  it('holds requests in their places until the model is there, and counts that as no run', async () => {
    let load = (): void => undefined
    const loaded = new Promise<void>((resolve) => {
      load = resolve
    })
    const { model, captioner, ask } = createAdmitted({
      places: 2,
      maxWaiting: 1,
      runTimeoutMs: 2 * RUN_MS,
      prepare: async () => loaded,
    })
    const all = [1, 2, 3].map((id) => ask(id))
    // A flood while the model is loaded is bounded as any other.
    expect(await outcome(ask(4))).toBe('queue_full')
    await vi.advanceTimersByTimeAsync(10 * RUN_MS)
    expect([model.running, captioner.running, captioner.waiting]).toEqual([0, 2, 1])
    load()
    await vi.advanceTimersByTimeAsync(2 * RUN_MS)
    expect(await Promise.all(all)).toHaveLength(3)
    expect([captioner.running, captioner.waiting]).toEqual([0, 0])
  })

  it('gives the place of a request that the model does not come for to the next', async () => {
    const waits: number[] = []
    const { captioner, ask } = createAdmitted({
      prepare: async ({ waitedMs, signal }) => {
        waits.push(waitedMs)
        if (waits.length === 2) return
        await new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(new Error('gone')))
        })
      },
    })
    const client = new AbortController()
    const gone = ask(1, { signal: client.signal }).catch((error: unknown) => error)
    const next = ask(2)
    await vi.advanceTimersByTimeAsync(RUN_MS)
    client.abort()
    expect(await gone).toMatchObject({ message: 'gone' })
    await vi.advanceTimersByTimeAsync(RUN_MS)
    expect(await next).toBe('A car.')
    expect(waits).toEqual([0, RUN_MS])
    expect(captioner.running).toBe(0)
  })

  it('lets clients take turns, however many requests one has', async () => {
    const { ask, order } = createAdmitted()
    const all = [1, 2, 3, 4].map((id) => ask(id, { client: 'greedy' }))
    all.push(ask(9, { client: 'modest' }))
    await vi.advanceTimersByTimeAsync(5 * RUN_MS)
    await Promise.all(all)
    expect(order).toEqual([1, 2, 9, 3, 4])
  })

  it('tells who waits how many are before them, whenever that changes', async () => {
    const { captioner } = createAdmitted()
    const places: Record<string, number[]> = { b: [], c: [], d: [] }
    const gone = new AbortController()
    const ask = async (id: string, client: string, signal?: AbortSignal): Promise<unknown> =>
      captioner.captionTasks(
        { picture: Buffer.from(id), tasks: [{ task: 'caption' }] },
        {
          client,
          onWait: (ahead) => places[id]?.push(ahead),
          ...(signal === undefined ? {} : { signal }),
        },
      )
    const all = [ask('a', 'one'), ask('b', 'one'), outcome(ask('c', 'one', gone.signal))]
    // Another client's first request goes before the second of who waits already.
    all.push(ask('d', 'two'))
    gone.abort()
    await vi.advanceTimersByTimeAsync(4 * RUN_MS)
    await Promise.all(all)
    expect(places).toEqual({ b: [0, 0, 0, 0], c: [1, 2], d: [1, 1, 0] })
  })

  it('refuses what does not fit, with the time that the queue will take', async () => {
    const { captioner, ask } = createAdmitted({ maxWaiting: 3 })
    const measured = ask(0)
    await vi.advanceTimersByTimeAsync(RUN_MS)
    await measured
    const all = [1, 2, 3, 4].map((id) => ask(id))
    expect(captioner.full).toBe(true)
    await expect(ask(5)).rejects.toMatchObject({ code: 'queue_full', retryAfterSeconds: 4 })
    await vi.advanceTimersByTimeAsync(4 * RUN_MS)
    expect(await Promise.all(all)).toHaveLength(4)
    expect(captioner.full).toBe(false)
  })

  it('counts the bytes of waiting pictures too', async () => {
    const { ask } = createAdmitted({ maxWaitingBytes: 100 })
    const all = [ask(1, {}, 1000), ask(2, {}, 60)]
    await expect(ask(3, {}, 60)).rejects.toMatchObject({ code: 'queue_full' })
    await vi.advanceTimersByTimeAsync(2 * RUN_MS)
    await Promise.all(all)
  })

  it('makes room for another client at the cost of the one that fills the queue', async () => {
    const { ask } = createAdmitted({ maxWaiting: 3 })
    const greedy = [1, 2, 3, 4].map((id) => outcome(ask(id, { client: 'greedy' })))
    const modest = [5, 6].map((id) => outcome(ask(id, { client: 'modest' })))
    await vi.advanceTimersByTimeAsync(6 * RUN_MS)
    expect(await Promise.all(greedy)).toEqual(['answered', 'answered', 'answered', 'queue_full'])
    expect(await Promise.all(modest)).toEqual(['answered', 'queue_full'])
  })

  it('knows who would be refused, whatever the picture', async () => {
    const { captioner, ask } = createAdmitted({ maxWaiting: 3 })
    const all = [1, 2, 3].map((id) => ask(id, { client: 'greedy' }))
    expect(captioner.refusal('greedy')).toBe(undefined)
    all.push(ask(4, { client: 'greedy' }))
    expect(captioner.refusal('greedy')).toMatchObject({ code: 'queue_full' })
    expect(captioner.refusal('modest')).toBe(undefined)
    await vi.advanceTimersByTimeAsync(4 * RUN_MS)
    await Promise.all(all)
    expect(captioner.refusal('greedy')).toBe(undefined)
  })

  it('refuses nobody while a place is free, though nobody may wait', async () => {
    const { captioner, ask } = createAdmitted({ maxWaiting: 0 })
    expect([captioner.full, captioner.refusal('anybody')]).toEqual([false, undefined])
    const running = ask(1)
    expect(captioner.full).toBe(true)
    expect(captioner.refusal('anybody')).toMatchObject({ code: 'queue_full' })
    await vi.advanceTimersByTimeAsync(RUN_MS)
    await running
    expect([captioner.full, captioner.refusal('anybody')]).toEqual([false, undefined])
  })

  it('foretells waits by the average of runs, not by the last one', async () => {
    const durations = [RUN_MS, 11 * RUN_MS]
    const model = createFakeVisionModel({
      answers: { caption: { text: '</s><s>A car.</s>', pieces: [] } },
      delay: async () => new Promise((resolve) => setTimeout(resolve, durations.shift() ?? RUN_MS)),
    })
    const options = { ...DEFAULT_ADMISSION, places: 1, maxWaiting: 3 }
    const captioner = withAdmission(createModelCaptioner(model), options)
    const ask = async (id: number) =>
      captioner.caption({ picture: new Uint8Array([id]), task: 'caption' })
    for (const id of [1, 2]) {
      const answered = ask(id)
      await vi.advanceTimersByTimeAsync(20 * RUN_MS)
      await answered
    }
    const all = [3, 4, 5, 6].map(ask)
    // A fifth of the new run counts: 1 s + 10 s / 5 = 3 s, and four are ahead.
    await expect(ask(7)).rejects.toMatchObject({ code: 'queue_full', retryAfterSeconds: 12 })
    await vi.advanceTimersByTimeAsync(10 * RUN_MS)
    await Promise.all(all)
  })

  it('gives up what waited too long', async () => {
    const { captioner, ask } = createAdmitted({ queueTimeoutMs: RUN_MS / 2 })
    const first = ask(1)
    const second = outcome(ask(2))
    await vi.advanceTimersByTimeAsync(RUN_MS)
    expect(await second).toBe('queue_timeout')
    await first
    expect(captioner.waiting).toBe(0)
  })

  it('stops what runs too long, and goes on', async () => {
    const { model, captioner, ask } = createAdmitted({ runTimeoutMs: RUN_MS / 2 })
    const all = [1, 2].map((id) => outcome(ask(id)))
    await vi.advanceTimersByTimeAsync(2 * RUN_MS)
    expect(await Promise.all(all)).toEqual(['run_timeout', 'run_timeout'])
    expect([model.aborted, captioner.running]).toEqual([2, 0])
  })

  it('leaves no clock running for who has begun, left or was refused', async () => {
    const { ask } = createAdmitted({ maxWaiting: 1 })
    const running = ask(1)
    const leaving = new AbortController()
    const left = outcome(ask(4, { signal: leaving.signal }))
    await vi.advanceTimersByTimeAsync(1)
    leaving.abort()
    expect(await left).toBe('cancelled')
    expect(vi.getTimerCount()).toBe(2)
    const waiting = ask(2)
    await expect(ask(3)).rejects.toMatchObject({ code: 'queue_full' })
    // Of the run its own and its limit, of who waits the time in the queue.
    await vi.advanceTimersByTimeAsync(1)
    expect(vi.getTimerCount()).toBe(3)
    await vi.advanceTimersByTimeAsync(RUN_MS)
    await running
    expect(vi.getTimerCount()).toBe(2)
    await vi.advanceTimersByTimeAsync(RUN_MS)
    await waiting
    expect(vi.getTimerCount()).toBe(0)
  })

  it('forgets who goes away while waiting, and never starts them', async () => {
    const { model, captioner, ask } = createAdmitted()
    const controller = new AbortController()
    const first = ask(1)
    const second = outcome(ask(2, { signal: controller.signal }))
    controller.abort()
    expect(await second).toBe('cancelled')
    expect(captioner.waiting).toBe(0)
    await vi.advanceTimersByTimeAsync(RUN_MS)
    await first
    expect(model.requests).toHaveLength(1)
  })

  it('lets people in before bulk that came first', async () => {
    const { captioner, ask, order } = createAdmitted()
    const all = [1, 2, 3].map((id) => ask(id, { priority: 'bulk', client: 'folder' }))
    all.push(ask(8, { client: 'person' }), ask(9, { client: 'folder' }))
    expect(PRIORITIES.map((priority) => captioner.waitingOf(priority))).toEqual([2, 2])
    await vi.advanceTimersByTimeAsync(5 * RUN_MS)
    await Promise.all(all)
    expect(order).toEqual([1, 8, 9, 2, 3])
  })

  it('lets bulk take every place that no person asks for', async () => {
    const { captioner, ask } = createAdmitted({ places: 3 })
    const all = [1, 2, 3].map((id) => ask(id, { priority: 'bulk' }))
    expect([captioner.running, captioner.waiting]).toEqual([3, 0])
    await vi.advanceTimersByTimeAsync(RUN_MS)
    await Promise.all(all)
  })

  it('tells bulk the place behind those that people take', async () => {
    const { captioner, ask } = createAdmitted()
    const places: number[] = []
    const all = [
      ask(1),
      captioner.captionTasks(
        { picture: Buffer.from('bulk'), tasks: [{ task: 'caption' }] },
        { priority: 'bulk', onWait: (ahead) => places.push(ahead) },
      ),
      ask(2),
      ask(3),
    ]
    await vi.advanceTimersByTimeAsync(4 * RUN_MS)
    await Promise.all(all)
    expect(places).toEqual([0, 1, 2, 1, 0])
  })

  it('is not full for people because of bulk, which makes room in its own words', async () => {
    const { captioner, ask } = createAdmitted({ maxWaiting: 2 })
    const bulk = [1, 2, 3].map(async (id) => outcome(ask(id, { priority: 'bulk' })))
    expect(captioner.full).toBe(false)
    expect(captioner.refusal('')).toBe(undefined)
    expect(captioner.refusal('', 'bulk')).toMatchObject({
      code: 'queue_full',
      message: 'Too many requests are waiting for one more in bulk: 2.',
      retryAfterSeconds: 6,
    })
    const person = ask(8)
    expect(captioner.full).toBe(false)
    expect(await bulk[2]).toBe('queue_full')
    const other = ask(9)
    expect(captioner.full).toBe(true)
    await expect(ask(4, { priority: 'bulk' })).rejects.toThrow('for one more in bulk: 2.')
    await expect(ask(10)).rejects.toThrow('Too many requests are waiting: 2.')
    await vi.advanceTimersByTimeAsync(3 * RUN_MS)
    expect(await Promise.all(bulk)).toEqual(['answered', 'queue_full', 'queue_full'])
    await Promise.all([person, other])
  })

  it('forgets bulk that goes away while waiting', async () => {
    const { model, captioner, ask } = createAdmitted()
    const controller = new AbortController()
    const first = ask(1)
    const second = outcome(ask(2, { priority: 'bulk', signal: controller.signal }))
    controller.abort()
    expect(await second).toBe('cancelled')
    expect(captioner.waitingOf('bulk')).toBe(0)
    await vi.advanceTimersByTimeAsync(RUN_MS)
    await first
    expect(model.requests).toHaveLength(1)
  })

  it('runs no more than it has places for and settles all, whoever comes and goes', async () => {
    const requestArbitrary = fc.record({
      client: fc.constantFrom('a', 'b', 'c'),
      priority: fc.constantFrom(...PRIORITIES),
      comesAfterMs: fc.nat(RUN_MS),
      leavesAfterMs: fc.option(fc.nat(8 * RUN_MS), { freq: 4 }),
    })
    const property = fc.asyncProperty(
      fc.array(requestArbitrary, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 8 }),
      async (requests, places, maxWaiting) => {
        const { model, captioner, ask } = createAdmitted({ places, maxWaiting })
        const all: Promise<unknown>[] = []
        for (const [id, request] of requests.entries()) {
          await vi.advanceTimersByTimeAsync(request.comesAfterMs)
          const { client, priority, leavesAfterMs } = request
          const leaving = new AbortController()
          if (leavesAfterMs !== null) setTimeout(() => leaving.abort(), leavesAfterMs)
          all.push(outcome(ask(id, { client, priority, signal: leaving.signal })))
          expect(model.running).toBeLessThanOrEqual(places)
          expect(captioner.running).toBeLessThanOrEqual(places)
          expect(captioner.waiting).toBeLessThanOrEqual(maxWaiting)
          // A free place is taken: none waits beside one.
          if (captioner.waiting > 0) expect(captioner.running).toBe(places)
        }
        await vi.advanceTimersByTimeAsync(40 * RUN_MS)
        for (const end of await Promise.all(all)) {
          expect(['answered', 'queue_full', 'cancelled']).toContain(end)
        }
        expect([model.running, captioner.running, captioner.waiting]).toEqual([0, 0, 0])
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })

  it('tells how long a request waited, and of which class it is', async () => {
    const waits: number[] = []
    const classes: string[] = []
    const { ask } = createAdmitted({
      onBegin: (ms, priority) => {
        waits.push(Math.round(ms))
        classes.push(priority)
      },
    })
    // The clock does not begin with the first request.
    await vi.advanceTimersByTimeAsync(7 * RUN_MS)
    const all = [ask(1), ask(2, { priority: 'bulk' })]
    await vi.advanceTimersByTimeAsync(2 * RUN_MS)
    await Promise.all(all)
    expect(waits).toEqual([0, RUN_MS])
    expect(classes).toEqual(['interactive', 'bulk'])
  })

  it('asks nothing of requests that are known or being answered', async () => {
    const { model, captioner } = createAdmitted({ maxWaiting: 0 })
    const shared = withCache(withSharedRuns(captioner), { maxBytes: 100_000 })
    const request = { picture: new Uint8Array([7]), task: 'caption' } as const
    const busy = [shared.caption(request), shared.caption(request), shared.caption(request)]
    await vi.advanceTimersByTimeAsync(RUN_MS)
    expect(await Promise.all(busy)).toHaveLength(3)
    const other = shared.caption({ ...request, picture: new Uint8Array([8]) })
    expect(await shared.caption(request)).toMatchObject({ cached: true })
    await vi.advanceTimersByTimeAsync(RUN_MS)
    await other
    expect(model.requests).toHaveLength(2)
  })
})

it('leaves nothing of ten thousand requests on a signal that lives longer than they do', async () => {
  const model = createFakeVisionModel({ answers: { caption: 'A car.' } })
  const captioner = withAdmission(createModelCaptioner(model))
  const { signal } = new AbortController()
  const picture = new Uint8Array([1])
  for (let asked = 0; asked < 10_000; asked += 1) {
    await captioner.caption({ picture, task: 'caption' }, { signal })
  }
  expect(getEventListeners(signal, 'abort')).toEqual([])
  expect(sizeOfSets(signal)).toBe(0)
})

/** `AbortSignal.any` notes what came from a signal in sets that nothing else shows. */
function sizeOfSets(signal: object): number {
  return Object.getOwnPropertySymbols(signal)
    .map((key): unknown => Reflect.get(signal, key))
    .reduce((sum: number, value) => sum + (value instanceof Set ? value.size : 0), 0)
}
