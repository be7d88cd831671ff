// Those who claim lines and have them answered: here, as many at once as the model works on, or elsewhere,
// as many as are on their way at once.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../base/log.ts'
import type { ClaimedLine, LineJob, LineQueue, LineResult } from './line-queue.ts'
import { readLine } from './lines.ts'

export interface Claimed {
  /** The bytes of the line. @throws what the file system says */
  readonly read: () => Promise<Uint8Array>
  /** Aborts when the server ends. */
  readonly signal: AbortSignal
  /** See `ClaimedLine`. */
  readonly unwanted: AbortSignal
}

/** @throws the reason of either signal; what else it throws is tried again after a pause. */
export type AnswerClaimed = (job: LineJob, claimed: Claimed) => Promise<LineResult>

export interface WorkersOptions {
  readonly count: number
  readonly queue: LineQueue
  readonly answer: AnswerClaimed
  /** Of the input that a line stands in. */
  readonly pathOf: (job: LineJob) => string
  /** Aborts when the server ends. */
  readonly signal: AbortSignal
  readonly logger: Logger
}

/** After a line that could not even be read: the disk, most likely. */
const PAUSE_MS = 1_000

/** Resolves when the queue is closed and each has given back what it had. */
export async function runWorkers(options: WorkersOptions): Promise<void> {
  await Promise.all(Array.from({ length: options.count }, async () => work(options)))
}

async function work(options: WorkersOptions): Promise<void> {
  for (;;) {
    const claim = await options.queue.claim()
    if (claim === undefined) return
    await answer(claim, options)
  }
}

async function answer(
  claim: ClaimedLine,
  { answer: answerClaimed, pathOf, signal, logger }: WorkersOptions,
): Promise<void> {
  const { job, unwanted } = claim
  try {
    const read = async (): Promise<Uint8Array> => readLine(pathOf(job), job)
    await claim.result(await answerClaimed(job, { read, signal, unwanted }))
  } catch (err) {
    if (!signal.aborted && !unwanted.aborted) {
      logger.error({ batch: job.batch, line: job.line, err }, 'a line could not be run')
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
    await claim.giveBack()
  }
}
