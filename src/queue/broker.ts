// BullMQ on either of its brokers, cut down to what fronts and workers need of it. Nothing else imports
// BullMQ, and nothing imports this before a queue is asked for.
import {
  type BackendFactory,
  ErrorCode,
  type IQueueBackend,
  UnrecoverableError,
  withBackend,
} from 'bullmq'
import { z } from 'zod'
import type { Lane } from './ports.ts'
import { keepOpen } from './reopened.ts'
import type { SharedStore } from './shared-store.ts'
import { closeSoon } from './silence.ts'
import type { Trouble } from './trouble.ts'

/** What travels as a job: what was asked lies beside it, in the shared store. */
export interface JobNote {
  readonly v: 1
  /** Of the payload's UTF-8, in hexadecimal. */
  readonly sha256: string
}

export const jobNote = z.object({ v: z.literal(1), sha256: z.string().regex(/^[0-9a-f]{64}$/) })

export type JobState =
  | { readonly is: 'unknown' | 'under-way' }
  | { readonly is: 'answered'; readonly text: string }
  | { readonly is: 'failed'; readonly reason: string }

/** The jobs of one lane, as a front sees them. */
export interface LaneQueue {
  /** Does nothing where there is a job of this id. */
  add(id: string, note: JobNote): Promise<void>
  look(id: string): Promise<JobState>
  /** Forgets a job that waits or is finished; false where a worker has it. */
  remove(id: string): Promise<boolean>
  close(): Promise<void>
}

export interface LaneWorkerOptions {
  readonly places: number
  readonly times: BrokerTimes
  readonly run: (id: string, data: unknown) => Promise<string>
  /** A job of ours was given to another worker; what we answer to it comes too late. */
  readonly onLost: (ids: readonly string[]) => void
  /** An answer to this job came too late; told at least once. */
  readonly onTooLate: (id: string) => void
}

/** Milliseconds. Tests shorten them. */
export interface BrokerTimes {
  /** A worker that has not renewed its hold on a job for so long is taken for dead. */
  readonly hold: number
  /** How often jobs of dead workers are looked for. */
  readonly stalled: number
}

/** Long enough for a machine that swaps, short enough that a lost worker costs a batch no minute. */
export const BROKER_TIMES: BrokerTimes = { hold: 30_000, stalled: 15_000 }

/** A job whose worker died is run by others so often, and then it fails: it may be what kills them. */
const MAX_STALLED = 2
/** When a worker says that it could not run a job, others try. */
const ATTEMPTS = 3
/** Seconds for which what no front came back for is kept: a day for answers, and for failures. */
const KEEP_SECONDS = 86_400

/** What BullMQ says of an answer to a job that has been given to another worker, or was taken back. */
const TOO_LATE: ReadonlySet<unknown> = new Set([
  ErrorCode.JobNotExist,
  ErrorCode.JobLockNotExist,
  ErrorCode.JobLockMismatch,
  ErrorCode.JobNotInState,
])
/** In BullMQ's own words. */
const JOB_ID = /job (\S+?)\.? /i
const STALLED = /stalled more than/i
const NOT_RENEWED = /could not renew lock/i

/** What a worker throws where another one would do no better; `word` is all that the front gets. */
export function finalFailure(word: FinalFailure): Error {
  return new UnrecoverableError(word)
}

/** What was asked is gone from the shared store; the front no longer wants the answer. */
export const FINAL_FAILURES = ['payload_lost', 'cancelled'] as const
export type FinalFailure = (typeof FINAL_FAILURES)[number]

export function isLostWorker(reason: string): boolean {
  return STALLED.test(reason)
}

export interface Broker {
  readonly store: SharedStore
  /** Of all its connections. */
  readonly trouble: Trouble
  /** @param onFinished told of each job that has ended, as a rule */
  openLane(lane: Lane, onFinished: (id: string) => void): LaneQueue
  startWorker(lane: Lane, options: LaneWorkerOptions): { close: () => Promise<void> }
}

export interface BrokerServices {
  readonly store: SharedStore
  /** Told of lost connections of BullMQ, and of what it was refused. */
  readonly trouble: Trouble
  /** Milliseconds after which a connection that does not answer is made again. */
  readonly silence: number
}

/** @param connect what BullMQ connects by; `waits` says whether its commands wait for a broker that is away */
export function brokerOf<B extends IQueueBackend, C>(
  factory: BackendFactory<B, C>,
  connect: (waits: boolean) => C,
  { store, trouble, silence }: BrokerServices,
): Broker {
  const onError = (error: Error): void => trouble.report(error)
  const { Queue, QueueEvents, Worker } = withBackend(factory)
  return {
    store,
    trouble,
    openLane(lane, onFinished) {
      const name = laneName(lane)
      const openQueue = () => {
        const opened = new Queue<JobNote, string>(name, {
          connection: connect(false),
          defaultJobOptions: {
            attempts: ATTEMPTS,
            removeOnComplete: { age: KEEP_SECONDS },
            removeOnFail: { age: KEEP_SECONDS },
          },
        })
        return opened.on('error', onError)
      }
      const openEvents = () => {
        const opened = new QueueEvents(name, {
          connection: connect(true),
          autorun: false,
          blockingTimeout: silence / 2,
        })
        opened.on('completed', ({ jobId }) => onFinished(jobId))
        opened.on('failed', ({ jobId }) => onFinished(jobId))
        return opened.on('error', onError)
      }
      const queue = keepOpen(openQueue, silence, onError)
      const events = keepOpen(openEvents, silence, onError)
      return {
        async add(id, note) {
          await (await queue.ready()).add('line', note, { jobId: id })
        },
        async look(id) {
          const job = await (await queue.ready()).getJob(id)
          if (job === undefined) return { is: 'unknown' }
          if (job.finishedOn === undefined) return { is: 'under-way' }
          // The reason of an earlier attempt stays with a job that a later one has answered.
          const returned: unknown = job.returnvalue
          return typeof returned === 'string'
            ? { is: 'answered', text: returned }
            : { is: 'failed', reason: job.failedReason ?? '' }
        },
        remove: async (id) => (await (await queue.ready()).remove(id)) === 1,
        async close() {
          await closeSoon(Promise.allSettled([events.close(), queue.close()]))
        },
      }
    },
    startWorker(lane, { places, times, run, onLost, onTooLate }) {
      const openWorker = () => {
        const opened = new Worker<JobNote, string>(
          laneName(lane),
          async ({ id, data }) => await run(id ?? '', data),
          {
            connection: connect(true),
            autorun: false,
            concurrency: places,
            drainDelay: silence / 4 / 1_000,
            lockDuration: times.hold,
            stalledInterval: times.stalled,
            maxStalledCount: MAX_STALLED,
          },
        )
        opened.on('lockRenewalFailed', onLost)
        return opened.on('error', (error) => {
          // Told as `lockRenewalFailed`, with the ids.
          if (NOT_RENEWED.test(error.message)) return
          const id =
            'code' in error && TOO_LATE.has(error.code)
              ? JOB_ID.exec(error.message)?.[1]
              : undefined
          if (id === undefined) onError(error)
          else onTooLate(id)
        })
      }
      return keepOpen(openWorker, silence, onError)
    },
  }
}

/** A queue for each way of computing, so that two of them never answer lines of one batch. */
function laneName({ fingerprint, kernels }: Lane): string {
  return `flocap-${fingerprint}-${kernels}`
}
