// Those who claim lines and answer them, as many at once as the model works on.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../base/log.ts'
import { answerLine } from './answer-line.ts'
import type { ClaimedLine, LineJob, LineQueue } from './line-queue.ts'
import type { LineReader } from './line-reader.ts'
import { readLine } from './lines.ts'

export interface WorkersOptions {
  readonly count: number
  readonly queue: LineQueue
  readonly reader: LineReader
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
  { reader, pathOf, signal, logger }: WorkersOptions,
): Promise<void> {
  const { job } = claim
  try {
    const bytes = await readLine(pathOf(job), job)
    await claim.result(await answerLine(job, { reader, bytes, signal }))
  } catch (err) {
    if (!signal.aborted) {
      logger.error({ batch: job.batch, line: job.line, err }, 'a line could not be run')
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
    await claim.giveBack()
  }
}
