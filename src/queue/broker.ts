// BullMQ on either of its brokers, cut down to what fronts and workers need of it. Nothing else imports
// BullMQ, and nothing imports this before a queue is asked for.
import {
  type BackendFactory,
  createPostgresBackend,
  createRedisBackend,
  ErrorCode,
  type IQueueBackend,
  UnrecoverableError,
  withBackend,
} from 'bullmq'
import { z } from 'zod'
import type { Lane } from './ports.ts'
import { postgresConnection } from './postgres-connection.ts'
import type { QueueAddress } from './queue-url.ts'
import type { SharedStore } from './shared-store.ts'

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
  readonly onError: (error: Error) => void
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
  openLane(
    lane: Lane,
    on: { finished: (id: string) => void; error: (error: Error) => void },
  ): LaneQueue
  startWorker(lane: Lane, options: LaneWorkerOptions): { close: () => Promise<void> }
}

/** @param store of the same broker */
export function createBroker({ broker, url }: QueueAddress, store: SharedStore): Broker {
  if (broker === 'redis')
    return brokerOf(createRedisBackend, (waits) => redisConnection(url, waits), store)
  const connection = { ...postgresConnection(url), migrate: true }
  return brokerOf(createPostgresBackend, () => connection, store)
}

/** @param waits whether commands wait in the driver for a broker that is away, as those of BullMQ's loops do */
function redisConnection(url: string, waits: boolean) {
  return { url, maxRetriesPerRequest: waits ? null : 1 }
}

function brokerOf<B extends IQueueBackend, C>(
  factory: BackendFactory<B, C>,
  connect: (waits: boolean) => C,
  store: SharedStore,
): Broker {
  const { Queue, QueueEvents, Worker } = withBackend(factory)
  return {
    store,
    openLane(lane, on) {
      const name = laneName(lane)
      const queue = new Queue<JobNote, string>(name, {
        connection: connect(false),
        defaultJobOptions: {
          attempts: ATTEMPTS,
          removeOnComplete: { age: KEEP_SECONDS },
          removeOnFail: { age: KEEP_SECONDS },
        },
      })
      const events = new QueueEvents(name, { connection: connect(true) })
      queue.on('error', on.error)
      events.on('error', on.error)
      events.on('completed', ({ jobId }) => on.finished(jobId))
      events.on('failed', ({ jobId }) => on.finished(jobId))
      return {
        async add(id, note) {
          await queue.add('line', note, { jobId: id })
        },
        async look(id) {
          const job = await queue.getJob(id)
          if (job === undefined) return { is: 'unknown' }
          if (job.finishedOn === undefined) return { is: 'under-way' }
          // The reason of an earlier attempt stays with a job that a later one has answered.
          const returned: unknown = job.returnvalue
          return typeof returned === 'string'
            ? { is: 'answered', text: returned }
            : { is: 'failed', reason: job.failedReason ?? '' }
        },
        remove: async (id) => (await queue.remove(id)) === 1,
        async close() {
          await Promise.allSettled([events.close(), queue.close()])
        },
      }
    },
    startWorker(lane, { places, times, run, onLost, onTooLate, onError }) {
      const worker = new Worker<JobNote, string>(
        laneName(lane),
        async ({ id, data }) => await run(id ?? '', data),
        {
          connection: connect(true),
          concurrency: places,
          lockDuration: times.hold,
          stalledInterval: times.stalled,
          maxStalledCount: MAX_STALLED,
        },
      )
      worker.on('lockRenewalFailed', onLost)
      worker.on('error', (error) => {
        const id =
          'code' in error && TOO_LATE.has(error.code) ? JOB_ID.exec(error.message)?.[1] : undefined
        if (id === undefined) onError(error)
        else onTooLate(id)
      })
      return { close: () => worker.close() }
    },
  }
}

/** A queue for each way of computing, so that two of them never answer lines of one batch. */
function laneName({ fingerprint, kernels }: Lane): string {
  return `flocap-${fingerprint}-${kernels}`
}
