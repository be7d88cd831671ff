import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PRIORITIES, type Priority } from './priority.ts'
import {
  createWaitingLine,
  INTERACTIVE_STARTS_BEFORE_BULK,
  type Waiter,
  type WaitingLineOptions,
} from './waiting-line.ts'

const ROOMY: WaitingLineOptions = { maxWaiting: 1000, maxWaitingBytes: 1_000_000 }

/** A waiter that keeps what it was told. */
interface Recorded extends Waiter {
  readonly id: number
  readonly places: number[]
  state: 'waiting' | 'begun' | 'displaced' | 'refused' | 'left'
}

function createRecorder(options: WaitingLineOptions = ROOMY) {
  const line = createWaitingLine(options)
  const all: Recorded[] = []
  const starts: Recorded[] = []

  const add = (priority: Priority, client = 'one', bytes = 1): Recorded => {
    const waiter: Recorded = {
      id: all.length,
      priority,
      client,
      bytes,
      places: [],
      state: 'waiting',
      begin: () => {
        waiter.state = 'begun'
        starts.push(waiter)
      },
      displace: () => {
        waiter.state = 'displaced'
      },
      onPlace: (ahead) => waiter.places.push(ahead),
    }
    all.push(waiter)
    if (!line.add(waiter)) waiter.state = 'refused'
    return waiter
  }
  const begin = (): Recorded | undefined => {
    const before = starts.length
    line.take()?.begin()
    return starts[before]
  }
  const leave = (waiter: Recorded): void => {
    line.remove(waiter)
    waiter.state = 'left'
  }
  const waiting = (priority?: Priority): Recorded[] =>
    all.filter(
      (waiter) =>
        waiter.state === 'waiting' && (priority === undefined || waiter.priority === priority),
    )
  return { line, add, begin, leave, waiting, starts }
}

const states = (waiters: readonly Recorded[]): string[] => waiters.map(({ state }) => state)

describe('a waiting line of two classes', () => {
  it('gives bulk one start in eight while interactive requests wait, and all others to them', () => {
    const { add, begin } = createRecorder()
    for (let each = 0; each < 3; each += 1) add('bulk')
    for (let each = 0; each < 16; each += 1) add('interactive')
    const order = Array.from({ length: 19 }, () => begin()?.priority === 'bulk')
    expect(order.flatMap((isBulk, index) => (isBulk ? [index] : []))).toEqual([7, 15, 18])
  })

  it('lets clients take turns in each class by itself', () => {
    const { add, begin } = createRecorder()
    for (const client of ['a', 'a', 'a', 'b']) add('bulk', client)
    for (const client of ['a', 'a', 'c']) add('interactive', client)
    const order = Array.from({ length: 7 }, () => begin())
    expect(order.map((waiter) => waiter?.client).join('')).toBe('acaabaa')
  })

  it('counts starts from when bulk began to wait: who comes in bulk is never first', () => {
    const { add, begin } = createRecorder()
    for (let each = 0; each < 20; each += 1) add('interactive')
    for (let each = 0; each < 9; each += 1) begin()
    add('bulk')
    expect(Array.from({ length: 8 }, () => begin()?.priority).indexOf('bulk')).toBe(7)
  })

  it('makes room for interactive requests out of the largest client in bulk, newest first', () => {
    const { add } = createRecorder({ ...ROOMY, maxWaiting: 4 })
    const bulk = ['a', 'b', 'a', 'a'].map((client) => add('bulk', client))
    const people = [add('interactive', 'c'), add('interactive', 'c')]
    expect(states(bulk)).toEqual(['waiting', 'waiting', 'displaced', 'displaced'])
    expect(states(people)).toEqual(['waiting', 'waiting'])
  })

  it('displaces bulk only where that is enough', () => {
    const { add } = createRecorder({ maxWaiting: 10, maxWaitingBytes: 100 })
    const waiting = [add('bulk', 'a', 20), add('interactive', 'b', 60)]
    expect(add('interactive', 'c', 50).state).toBe('refused')
    expect(add('interactive', 'c', 101).state).toBe('refused')
    expect(states(waiting)).toEqual(['waiting', 'waiting'])
    expect(add('interactive', 'c', 40).state).toBe('waiting')
    expect(states(waiting)).toEqual(['displaced', 'waiting'])
  })

  it('displaces no interactive request for bulk, whatever its client has', () => {
    const { line, add } = createRecorder({ ...ROOMY, maxWaiting: 3 })
    const people = [1, 2, 3].map(() => add('interactive', 'greedy'))
    expect(line.hasRoomFor('modest', 'bulk')).toBe(false)
    expect(add('bulk', 'modest').state).toBe('refused')
    expect(line.hasRoomFor('modest', 'interactive')).toBe(true)
    expect(add('interactive', 'modest').state).toBe('waiting')
    expect(states(people)).toEqual(['waiting', 'waiting', 'displaced'])
  })

  it('shares a line full of bulk between the clients in bulk', () => {
    const { line, add } = createRecorder({ ...ROOMY, maxWaiting: 3 })
    const greedy = [1, 2, 3].map(() => add('bulk', 'greedy'))
    expect([line.isFullFor('bulk'), line.isFullFor('interactive')]).toEqual([true, false])
    expect([line.hasRoomFor('greedy', 'bulk'), line.hasRoomFor('modest', 'bulk')]).toEqual([
      false,
      true,
    ])
    expect(add('bulk', 'modest').state).toBe('waiting')
    expect(states(greedy)).toEqual(['waiting', 'waiting', 'displaced'])
  })
})

/** What happens to a line: somebody comes, a place becomes free, one that waits goes away. */
const stepArbitrary = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('come' as const),
      priority: fc.constantFrom(...PRIORITIES),
      client: fc.constantFrom('a', 'b', 'c'),
      bytes: fc.integer({ min: 0, max: 12 }),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'begin' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat(50) }) },
)
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never
const stepsArbitrary = fc.array(stepArbitrary, { minLength: 1, maxLength: 150 })

/** Tells who starts and who comes, each with those that waited before. */
function play(
  steps: readonly Step[],
  recorder: ReturnType<typeof createRecorder>,
  onStart: (waiter: Recorded, waitingBefore: readonly Recorded[]) => void,
  onCome: (waiter: Recorded, waitingBefore: readonly Recorded[]) => void = () => undefined,
): void {
  for (const step of steps) {
    const before = recorder.waiting()
    if (step.kind === 'come') {
      onCome(recorder.add(step.priority, step.client, step.bytes), before)
    } else if (step.kind === 'leave') {
      const waiter = before[step.which % Math.max(before.length, 1)]
      if (waiter !== undefined) recorder.leave(waiter)
    } else {
      const started = recorder.begin()
      // Work conserving: a free place is never left to nobody while one waits.
      expect(started === undefined).toBe(before.length === 0)
      if (started !== undefined) onStart(started, before)
    }
    expect(recorder.line.size).toBe(recorder.waiting().length)
    for (const priority of PRIORITIES) {
      expect(recorder.line.sizeOf(priority)).toBe(recorder.waiting(priority).length)
    }
  }
}

describe('whatever comes and goes', () => {
  it('starts bulk that waits after at most seven interactive starts, and never sooner', () => {
    fc.assert(
      fc.property(stepsArbitrary, (steps) => {
        let passed = 0
        play(
          steps,
          createRecorder(),
          ({ priority }, before) => {
            const bulkWaited = before.some((waiter) => waiter.priority === 'bulk')
            const peopleWaited = before.some((waiter) => waiter.priority === 'interactive')
            if (priority === 'interactive') {
              passed = bulkWaited ? passed + 1 : 0
              expect(passed).toBeLessThanOrEqual(INTERACTIVE_STARTS_BEFORE_BULK)
            } else {
              if (peopleWaited) expect(passed).toBe(INTERACTIVE_STARTS_BEFORE_BULK)
              passed = 0
            }
          },
          ({ priority }, before) => {
            const isFirst = !before.some((waiter) => waiter.priority === 'bulk')
            if (priority === 'bulk' && isFirst) passed = 0
          },
        )
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the order of each client in each class', () => {
    fc.assert(
      fc.property(stepsArbitrary, (steps) => {
        play(steps, createRecorder(), (started, before) => {
          const own = before.filter(
            ({ client, priority }) => client === started.client && priority === started.priority,
          )
          expect(started.id).toBe(own[0]?.id)
        })
      }),
      { numRuns: 300 },
    )
  })

  it('starts no client of a class twice while another of that class waits for its first', () => {
    fc.assert(
      fc.property(stepsArbitrary, (steps) => {
        const overtakers = new Map<Recorded, Set<string>>()
        play(steps, createRecorder(), (started, before) => {
          for (const waiter of before) {
            if (waiter.priority !== started.priority || waiter.client === started.client) continue
            // Only the first of its client waits for others' turns alone.
            const first = before.find(
              ({ client, priority }) => client === waiter.client && priority === waiter.priority,
            )
            if (first !== waiter) continue
            const passed = overtakers.get(waiter) ?? new Set<string>()
            expect(passed.has(started.client)).toBe(false)
            overtakers.set(waiter, passed.add(started.client))
          }
        })
      }),
      { numRuns: 300 },
    )
  })

  it('holds no more than it may, and refuses or displaces bulk before anything interactive', () => {
    const limits = { maxWaiting: 6, maxWaitingBytes: 40 }
    fc.assert(
      fc.property(stepsArbitrary, (steps) => {
        const recorder = createRecorder(limits)
        play(
          steps,
          recorder,
          () => undefined,
          (newcomer, before) => {
            const displaced = before.filter(({ state }) => state === 'displaced')
            if (newcomer.priority === 'bulk') {
              expect(displaced.every(({ priority }) => priority === 'bulk')).toBe(true)
            }
            // Nobody makes room for who is refused, except that clients of one class share it.
            if (newcomer.state === 'refused') {
              expect(displaced.every(({ priority }) => priority === newcomer.priority)).toBe(true)
            }
            const people = [...before, newcomer].filter(
              ({ priority }) => priority === 'interactive',
            )
            const fit =
              people.length <= limits.maxWaiting &&
              people.reduce((sum, { bytes }) => sum + bytes, 0) <= limits.maxWaitingBytes
            // People who fit by themselves are all let in: bulk costs them nothing.
            if (fit) expect(people.every(({ state }) => state === 'waiting')).toBe(true)
            const waiting = recorder.waiting()
            expect(waiting.length).toBeLessThanOrEqual(limits.maxWaiting)
            const bytes = waiting.reduce((sum, waiter) => sum + waiter.bytes, 0)
            expect(bytes).toBeLessThanOrEqual(limits.maxWaitingBytes)
          },
        )
      }),
      { numRuns: 300 },
    )
  })

  it('tells the places in which they then begin', () => {
    fc.assert(
      fc.property(stepsArbitrary, (steps) => {
        const recorder = createRecorder()
        play(steps, recorder, () => undefined)
        recorder.line.tellPlaces()
        const told = recorder.waiting().map((waiter) => [waiter.places.at(-1), waiter.id])
        const begun: number[] = []
        for (let next = recorder.begin(); next !== undefined; next = recorder.begin()) {
          begun.push(next.id)
        }
        expect(told).toHaveLength(begun.length)
        for (const [place, id] of told) expect(begun[place ?? -1]).toBe(id)
      }),
      { numRuns: 200 },
    )
  })
})
