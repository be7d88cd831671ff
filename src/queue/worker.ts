// A worker of the queue: takes jobs of its lane, answers them, says that it is there.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { unlessAborted } from '../base/unless-aborted.ts'
import { type Broker, BROKER_TIMES, type BrokerTimes, finalFailure, jobNote } from './broker.ts'
import { isCancelled } from './cancellation.ts'
import { readPayload } from './payloads.ts'
import type { Lane, QueueWorker, Work, WorkerNote } from './ports.ts'
import { closeSoon } from './silence.ts'
import { announce, withdraw } from './worker-notes.ts'

export interface WorkerOptions {
  readonly lane: Lane
  readonly device: string
  /** How many jobs at once. */
  readonly places: number
  readonly work: Work
  readonly times?: BrokerTimes
}

/** How often a worker says that it is there, and looks whether what it runs is still wanted. */
const BEAT_MS = 1_000
/** So many beats make one announcement. */
const BEATS_BETWEEN_NOTES = 5
/** For which a worker that ends tries to hand in what it has answered; then others answer it again. */
const LAST_ANSWERS_MS = 5_000
const POLL_MS = 50
/** Of the newest line in the mean of seconds. */
const NEWEST_WEIGHT = 0.2

export function startQueueWorker(broker: Broker, options: WorkerOptions): QueueWorker {
  const { lane, device, places, work, times = BROKER_TIMES } = options
  const { store, trouble } = broker
  const id = randomUUID()
  const running = new Map<string, AbortController>()
  /** BullMQ complains twice of each. As many as workers were given up: few. */
  const late = new Set<string>()
  const counts = { answered: 0, failed: 0, tooLate: 0 }
  let secondsEach: number | null = null
  let draining = false
  let beats = 0

  async function run(jobId: string, data: unknown): Promise<string> {
    const { sha256 } = jobNote.parse(data)
    const stop = new AbortController()
    running.set(jobId, stop)
    try {
      const payload = await readPayload(store, jobId, sha256)
      if (payload === undefined) throw finalFailure('payload_lost')
      if (await isCancelled(store, jobId)) throw finalFailure('cancelled')
      const start = performance.now()
      const text = await unlessAborted(work(payload, stop.signal), stop.signal)
      const seconds = (performance.now() - start) / 1_000
      secondsEach =
        secondsEach === null ? seconds : secondsEach + (seconds - secondsEach) * NEWEST_WEIGHT
      counts.answered += 1
      return text
    } catch (error) {
      counts.failed += 1
      throw error
    } finally {
      running.delete(jobId)
    }
  }

  const note = (): WorkerNote => ({ ...lane, id, device, places, secondsEach, draining })

  async function beat(): Promise<void> {
    const announces = beats % BEATS_BETWEEN_NOTES === 0
    try {
      if (announces) await announce(store, note())
      beats += 1
      for (const [jobId, stop] of running) {
        if (await isCancelled(store, jobId)) stop.abort(finalFailure('cancelled'))
      }
      // A broker that only reads answers, and is of no use.
      if (announces) trouble.clear(beat)
    } catch (error) {
      trouble.report(error, beat)
      beats = 0
    }
  }

  const worker = broker.startWorker(lane, {
    places,
    times,
    run,
    onLost: (ids) => {
      for (const jobId of ids) running.get(jobId)?.abort(finalFailure('cancelled'))
    },
    onTooLate: (jobId) => {
      if (late.has(jobId)) return
      late.add(jobId)
      counts.tooLate += 1
    },
  })
  void beat()
  const timer = setInterval(() => void beat(), BEAT_MS)

  let closed: Promise<void> | undefined
  async function drain(): Promise<void> {
    draining = true
    beats = 0
    await closeSoon(beat())
    await closedOrCutOff(worker.close())
    clearInterval(timer)
    await closeSoon(withdraw(store, note()))
    await store.close()
  }

  /** Resolves with `closing`, or when the broker has not taken the last answers for long. */
  async function closedOrCutOff(closing: Promise<void>): Promise<void> {
    const isClosed = closing.then(
      () => true,
      () => true,
    )
    for (let quiet = 0; quiet < LAST_ANSWERS_MS; quiet = running.size === 0 ? quiet + POLL_MS : 0) {
      if (await Promise.race([isClosed, sleep(POLL_MS, false)])) return
    }
  }

  return {
    counts,
    close() {
      closed ??= drain()
      return closed
    },
  }
}
