// One batch from its beginning, or from where an earlier process left it, to its end.
//
//   validating   all lines are looked at                     → failed, or
//   in_progress  lines are submitted, answers written down   → finalizing (all done, or out of time), or
//   cancelling   what was claimed ends                       → cancelled
//
// Each step is written down before the next begins, and can be done twice.
import { setTimeout as sleep } from 'node:timers/promises'
import { FlocapError, toFlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { systemCode } from '../base/system-errors.ts'
import { withAnySignal } from '../base/with-any-signal.ts'
import type { BatchStore } from './batch-store.ts'
import type { FileStore } from './file-store.ts'
import { createFileId } from './ids.ts'
import type { LineQueue, LineResult } from './line-queue.ts'
import type { LineReader } from './line-reader.ts'
import { type Line, readLines } from './lines.ts'
import { type Batch, type Ending, hasEnded, secondsNow, type StoredBatch } from './objects.ts'
import { openOutputLog, type OutputLog } from './output-log.ts'
import { EXPIRED_CODE, type Progress, recoverProgress } from './progress.ts'
import { isMistake, readLineFields } from './line-fields.ts'
import { renderUnanswered } from './render-line.ts'
import { toStorageError } from './storage-error.ts'
import { type InputLimits, validateInput } from './validate.ts'

export interface BatchServices {
  readonly store: BatchStore
  readonly files: FileStore
  readonly queue: LineQueue
  readonly reader: LineReader
  readonly limits: InputLimits
  readonly logger: Logger
  /** Why no line of any batch is answered. */
  readonly waitsFor: () => FlocapError | undefined
  /** Lines of the batch that are submitted and have no answer yet, at most. */
  readonly window: number
  /** One input is looked through at a time. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
  /** Told of each batch that has ended, at least once. */
  readonly notify: (batch: Batch, signal: AbortSignal) => Promise<void>
  /** Told of each line that is done. */
  readonly onLine: (result: 'completed' | 'failed') => void
}

export interface RunningBatch {
  readonly owner: string
  /** As it is now. */
  current(): StoredBatch
  /** @throws FlocapError invalid_request when it has ended or is about to. */
  cancel(): Promise<void>
  /** Resolves when there is nothing more to do for it in this process. */
  readonly ended: Promise<void>
  /** The server ends: what was not written down runs in the next one. */
  stop(): void
}

/** How often a full disk is tried again, and a batch that has failed for another reason. */
const DISK_PAUSE_MS = 2_000
const FAILURE_PAUSE_MS = 30_000

/** How often the clock is looked at. */
const CLOCK_MS = 1_000

export function startBatch(
  owner: string,
  stored: StoredBatch,
  services: BatchServices,
): RunningBatch {
  const { store, files, queue, reader, limits, logger } = services
  const { id } = stored
  const paths = store.paths(owner, id)
  const stopped = new AbortController()
  /** No more lines: the batch is cancelled, or its time is over. */
  const halted = new AbortController()
  let batch = stored
  let progress: Progress | undefined
  /** What it waits for. */
  let trouble: FlocapError | undefined
  let pause: Promise<void> | undefined
  let saved: Promise<void> = Promise.resolve()

  function current(): StoredBatch {
    if (progress === undefined) return withTrouble(batch)
    const { completed, failed, usage } = progress
    const { total } = batch.request_counts
    return withTrouble({ ...batch, request_counts: { total, completed, failed }, usage })
  }

  function withTrouble(known: StoredBatch): StoredBatch {
    const reason = trouble ?? services.waitsFor()
    if (reason === undefined || hasEnded(known.status)) return known
    const { code, message } = reason
    return {
      ...known,
      errors: { object: 'list', data: [{ code, message, param: null, line: null }] },
    }
  }

  async function update(change: Partial<StoredBatch>): Promise<void> {
    batch = { ...batch, ...change }
    const write = async (): Promise<void> =>
      store.save(owner, { ...current(), errors: batch.errors })
    saved = saved.then(write, write)
    await saved
  }

  async function halt(): Promise<void> {
    halted.abort()
    await queue.cancel(id)
  }

  async function validate(): Promise<void> {
    const { endpoint } = batch
    const request = { input: paths.input, endpoint, limits, reader }
    try {
      const { total, errors } = await services.inTurn(async () =>
        withAnySignal([stopped.signal, halted.signal], async (signal) =>
          validateInput({ ...request, signal }),
        ),
      )
      const counts = { request_counts: { total, completed: 0, failed: 0 } }
      if (errors.length > 0) {
        const list = { object: 'list' as const, data: [...errors] }
        await update({ ...counts, status: 'failed', failed_at: secondsNow(), errors: list })
      } else if (batch.status === 'validating') {
        await update({ ...counts, status: 'in_progress', in_progress_at: secondsNow() })
      }
    } catch (error) {
      if (!halted.signal.aborted) throw error
    }
  }

  async function run(): Promise<void> {
    const logs = {
      output: await openOutputLog(paths.output),
      error: await openOutputLog(paths.error),
    }
    const lookAtClock = (): void => {
      if (secondsNow() >= batch.expires_at) void halt()
    }
    const clock = setInterval(lookAtClock, CLOCK_MS)
    try {
      lookAtClock()
      progress = await recoverProgress(paths.output, paths.error)
      if (batch.status === 'in_progress') await submitLines(logs)
      if (stopped.signal.aborted) return
      const isCancelled = batch.status === 'cancelling'
      const isExpired = !isCancelled && halted.signal.aborted
      if (isExpired) await writeExpired(logs)
      await logs.output.flush()
      await logs.error.flush()
      await decide(isCancelled ? 'cancelled' : isExpired ? 'expired' : 'completed', logs)
    } finally {
      clearInterval(clock)
      await logs.output.close()
      await logs.error.close()
    }
  }

  async function submitLines(logs: Logs): Promise<void> {
    const running = new Set<Promise<void>>()
    const isOver = (): boolean => halted.signal.aborted || stopped.signal.aborted
    try {
      for await (const line of readLines(paths.input, limits.maxLineBytes)) {
        if (progress?.isDone(line.number)) continue
        while (running.size >= services.window && !isOver()) await Promise.race(running)
        if (isOver()) break
        const answered = submit(line, logs).finally(() => running.delete(answered))
        running.add(answered)
        // It is awaited below, or in the race above.
        answered.catch(() => undefined)
      }
      await Promise.all(running)
    } finally {
      await Promise.allSettled(running)
    }
  }

  async function submit({ number, offset, length }: Line, logs: Logs): Promise<void> {
    const { endpoint } = batch
    const result = await queue.submit({ batch: id, owner, endpoint, line: number, offset, length })
    if (result !== undefined) await writeDown(number, result, logs)
  }

  /** Waits for room on the disk as long as the server runs. */
  async function writeDown(line: number, result: LineResult, logs: Logs): Promise<void> {
    const log = result.failed ? logs.error : logs.output
    for (;;) {
      try {
        await log.append(result.text)
        break
      } catch (error) {
        const failure = toStorageError(error, 'Writing the answers of the batch')
        if (failure.code !== 'disk_full') throw failure
        if (trouble === undefined) logger.error({ batch: id, err: error }, 'a batch waits for room')
        trouble = failure
        // One pause for all lines that wait.
        pause ??= sleep(DISK_PAUSE_MS, undefined, { signal: stopped.signal }).finally(() => {
          pause = undefined
        })
        await pause
      }
    }
    trouble = undefined
    progress?.add(line, result)
    services.onLine(result.failed ? 'failed' : 'completed')
  }

  async function writeExpired(logs: Logs): Promise<void> {
    const message = `The line did not run within the completion window of ${batch.completion_window}.`
    for await (const { number, bytes } of readLines(paths.input, limits.maxLineBytes)) {
      if (progress?.isDone(number) || bytes === undefined) continue
      const fields = readLineFields((await reader.read(bytes)).fields, batch.endpoint)
      const customId = isMistake(fields) ? '' : fields.customId
      const error = { code: EXPIRED_CODE, message }
      await writeDown(number, renderUnanswered({ batch: id, line: number }, customId, error), logs)
    }
  }

  async function decide(ending: Ending, { output, error }: Logs): Promise<void> {
    await update({
      ending,
      output_file_id: output.size > 0 ? createFileId() : null,
      error_file_id: error.size > 0 ? createFileId() : null,
      ...(ending === 'cancelled' ? {} : { status: 'finalizing', finalizing_at: secondsNow() }),
    })
  }

  /** The outputs become files of the owner. */
  async function publish(ending: Ending): Promise<void> {
    const outputs = [
      [batch.output_file_id, paths.output, 'output'],
      [batch.error_file_id, paths.error, 'error'],
    ] as const
    for (const [fileId, path, name] of outputs) {
      if (fileId === null) continue
      await files.adopt(owner, fileId, path, {
        filename: `${id}_${name}.jsonl`,
        purpose: 'batch_output',
        expiresAfter: batch.output_expires_after,
      })
    }
    await update({ status: ending, [`${ending}_at`]: secondsNow() })
  }

  async function advance(): Promise<void> {
    if (batch.status === 'validating') await validate()
    if (!hasEnded(batch.status) && batch.ending === null) await run()
    if (stopped.signal.aborted) return
    if (!hasEnded(batch.status) && batch.ending !== null) await publish(batch.ending)
    await services.notify(current(), stopped.signal)
    if (!stopped.signal.aborted) await store.close(owner, id)
  }

  async function goOn(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await advance()
        return
      } catch (error) {
        if (stopped.signal.aborted) return
        trouble = toTrouble(error)
        logger.error({ batch: id, err: error }, 'a batch cannot go on, and is tried again')
        await sleep(FAILURE_PAUSE_MS, undefined, { signal: stopped.signal }).catch(() => undefined)
      }
    }
  }

  return {
    owner,
    current,
    async cancel() {
      const { status } = batch
      if (status === 'cancelling') return
      if (status !== 'validating' && status !== 'in_progress') throw notCancellable(id, status)
      const wasHalted = halt()
      await update({ status: 'cancelling', cancelling_at: secondsNow() })
      await wasHalted
    },
    ended: goOn(),
    stop: () => stopped.abort(),
  }
}

interface Logs {
  readonly output: OutputLog
  readonly error: OutputLog
}

function toTrouble(error: unknown): FlocapError {
  const isOfDisk = error instanceof FlocapError || systemCode(error) !== undefined
  return isOfDisk ? toStorageError(error, 'Going on with the batch') : toFlocapError(error)
}

export function notCancellable(id: string, status: Batch['status']): FlocapError {
  return new FlocapError(
    'invalid_request',
    `Expected a batch that is validating or in progress, got ${id}, which is ${status}.`,
    { subject: 'batch_id' },
  )
}
