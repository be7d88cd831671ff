// The front's side of the queue: gives jobs away and waits for their answers, through lost workers, a broker
// that is away for a while, and one that comes back with an empty memory.
import { setTimeout as sleep } from 'node:timers/promises'
import { FlocapError } from '../base/errors.ts'
import { unlessAborted } from '../base/unless-aborted.ts'
import { withAnySignal } from '../base/with-any-signal.ts'
import { type Bell, createBells } from './bells.ts'
import { type Broker, type JobState, type LaneQueue, isLostWorker } from './broker.ts'
import { markCancelled, unmarkCancelled } from './cancellation.ts'
import { digestOf, PAYLOAD_MS, putPayload, removePayload } from './payloads.ts'
import type { Answer, Dispatcher, Job, Lane } from './ports.ts'
import { isQuarantined, quarantine } from './quarantine.ts'
import { listWorkers } from './worker-notes.ts'

export interface FrontTimes {
  /** Milliseconds after which a job is looked at without having been told that it has ended. */
  readonly look: number
  /** Milliseconds between two tries at a broker that is away. */
  readonly retry: number
}

/** Events of the broker are only hints: some get lost with a connection, PostgreSQL's also under load. */
const FRONT_TIMES: FrontTimes = { look: 5_000, retry: 1_000 }

/** A job whose payload was gone when a worker looked is given away again so often. */
const MAX_RENEWALS = 3

export function createQueueFront(broker: Broker, times: FrontTimes = FRONT_TIMES): Dispatcher {
  const { store, trouble } = broker
  const bells = createBells()
  const lanes = new Map<string, LaneQueue>()
  const closing = new AbortController()
  const counts = { sent: 0, sentAgain: 0, answered: 0, failed: 0 }

  function laneOf(lane: Lane): LaneQueue {
    const key = `${lane.fingerprint} ${lane.kernels}`
    const known = lanes.get(key)
    if (known !== undefined) return known
    const opened = broker.openLane(lane, bells.ring)
    lanes.set(key, opened)
    return opened
  }

  /** Tries until the broker answers. Everything that is tried does no harm when it is done twice. */
  async function insist<T>(what: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const by = {}
    try {
      for (;;) {
        signal.throwIfAborted()
        try {
          // Who ends waits for no answer; who cancels does, so that what was given away can be taken back.
          const result = await unlessAborted(what(), closing.signal)
          trouble.clear(by)
          return result
        } catch (error) {
          signal.throwIfAborted()
          trouble.report(error, by)
          // An abort is noticed above, with the caller's own reason.
          await sleep(times.retry, undefined, { signal }).catch(() => undefined)
        }
      }
    } finally {
      trouble.forget(by)
    }
  }

  async function giveAway(queue: LaneQueue, job: Job, sha256: string, signal: AbortSignal) {
    await insist(async () => {
      await putPayload(store, job.id, job.payload)
      await queue.add(job.id, { v: 1, sha256 })
    }, signal)
  }

  /** The job's end, as soon as it is known. */
  async function outcome(
    queue: LaneQueue,
    job: Job,
    sha256: string,
    bell: Bell,
    signal: AbortSignal,
  ): Promise<Exclude<JobState, { is: 'unknown' | 'under-way' }>> {
    let payloadPut = performance.now()
    for (;;) {
      await bell.wait(times.look, signal)
      const state = await insist(() => queue.look(job.id), signal)
      if (state.is === 'answered' || state.is === 'failed') return state
      const isOld = performance.now() - payloadPut > PAYLOAD_MS / 2
      if (state.is === 'unknown' || isOld) {
        if (state.is === 'unknown') counts.sentAgain += 1
        await giveAway(queue, job, sha256, signal)
        payloadPut = performance.now()
      }
    }
  }

  async function forget(queue: LaneQueue, id: string, signal: AbortSignal): Promise<void> {
    await insist(async () => {
      await queue.remove(id)
      await removePayload(store, id)
    }, signal)
  }

  /** So that no worker begins it, and the one that has it stops. */
  async function takeBack(queue: LaneQueue, id: string): Promise<void> {
    if (!(await queue.remove(id))) await markCancelled(store, id)
    await removePayload(store, id)
  }

  async function answer(
    queue: LaneQueue,
    job: Job,
    bell: Bell,
    signal: AbortSignal,
  ): Promise<Answer> {
    const sha256 = digestOf(job.payload)
    if (await insist(() => isQuarantined(store, sha256), signal)) {
      throw new FlocapError(
        'image_rejected',
        'Workers were lost over the same request before, so it is refused for a day.',
      )
    }
    for (let renewals = 0; ; renewals++) {
      await giveAway(queue, job, sha256, signal)
      const end = await outcome(queue, job, sha256, bell, signal)
      if (end.is === 'answered') {
        return { text: end.text, settle: () => forget(queue, job.id, closing.signal) }
      }
      await forget(queue, job.id, signal)
      if (isLostWorker(end.reason)) {
        await insist(() => quarantine(store, sha256), signal)
        throw new FlocapError(
          'engine_failed',
          'Several workers were lost while they answered this line.',
        )
      }
      const isRenewable = end.reason === 'payload_lost' || end.reason === 'cancelled'
      if (!isRenewable || renewals === MAX_RENEWALS) {
        throw new FlocapError('engine_failed', `No worker could answer this line: ${end.reason}`)
      }
      await insist(() => unmarkCancelled(store, job.id), signal)
      counts.sentAgain += 1
    }
  }

  return {
    counts,
    async workers() {
      const notes = await listWorkers(store)
      trouble.clear()
      return notes
    },
    async run(lane, job, signal) {
      const queue = laneOf(lane)
      const bell = bells.listen(job.id)
      counts.sent += 1
      try {
        const got = await withAnySignal([signal, closing.signal], async (either) =>
          answer(queue, job, bell, either),
        )
        counts.answered += 1
        return got
      } catch (error) {
        counts.failed += 1
        if (signal.aborted && !closing.signal.aborted) {
          await takeBack(queue, job.id).catch((reason: unknown) => trouble.report(reason))
        }
        throw error
      } finally {
        bell.close()
      }
    },
    async close() {
      if (closing.signal.aborted) return
      closing.abort(new FlocapError('closed', 'The queue is closed.'))
      await Promise.allSettled([...lanes.values()].map((lane) => lane.close()))
      await store.close()
    },
  }
}
