// A download that a running server does beside its work, one at a time, whoever asked for it.
import { FlocapError, toFlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { PullState } from '../http/surfaces/manage/schema.ts'
import type { InstallOptions } from '../store/install.ts'
import { describeProgress, type InstallEvent } from './install-progress.ts'
import { renderFailure } from './render-failure.ts'
import { createTransferRate } from './transfer-rate.ts'

/** Fetches the model. @throws FlocapError as `installModel`. */
type Install = (
  name: string,
  options: Required<Pick<InstallOptions, 'signal' | 'onEvent'>>,
) => Promise<unknown>

export interface ModelPull {
  /** The last one since the start; null before the first. */
  state(): PullState | null
  /** @throws FlocapError models_busy while one runs. */
  start(name: string): void
  /** @throws FlocapError not_found when none runs. */
  cancel(): void
  close(): Promise<void>
}

type Progress = Omit<PullState, 'bytes_per_second' | 'seconds_left'>

export function createModelPull(install: Install, logger: Logger): ModelPull {
  let progress: Progress | undefined
  let rate = createTransferRate()
  let abort = new AbortController()
  let running: Promise<void> | undefined

  function onEvent(event: InstallEvent): void {
    if (progress === undefined) return
    const step = describeProgress(event) ?? progress.step
    progress = { ...progress, step }
    if (event.kind === 'download-start') progress = { ...progress, total_bytes: event.totalBytes }
    if (event.kind !== 'file-progress') return
    rate.note(event.totalReceived)
    const { totalReceived: received_bytes, totalBytes: total_bytes } = event
    progress = { ...progress, received_bytes, total_bytes }
  }

  async function run(name: string, begun: Progress): Promise<void> {
    try {
      await install(name, { signal: abort.signal, onEvent })
      const whole = progress?.total_bytes ?? 0
      progress = { ...begun, ...progress, state: 'done', step: 'done', received_bytes: whole }
    } catch (thrown) {
      const error = toFlocapError(thrown)
      const isCancelled = abort.signal.aborted
      if (!isCancelled) logger.error({ err: error, model: name }, 'the model could not be pulled')
      progress = {
        ...begun,
        ...progress,
        state: isCancelled ? 'cancelled' : 'failed',
        step: isCancelled ? 'cancelled' : 'failed',
        error: isCancelled ? null : renderFailure(error),
      }
    } finally {
      running = undefined
    }
  }

  return {
    state() {
      if (progress === undefined) return null
      const { received_bytes: received, total_bytes: total, state } = progress
      const speed = state === 'running' ? rate.bytesPerSecond() : undefined
      return {
        ...progress,
        bytes_per_second: speed === undefined ? null : Math.round(speed),
        seconds_left:
          speed === undefined || speed <= 0 || total === null
            ? null
            : Math.ceil((total - received) / speed),
      }
    },
    start(name) {
      if (running !== undefined) {
        throw new FlocapError('models_busy', `The model ${progress?.model} is being downloaded.`, {
          hint: 'Wait until it is here, or cancel it.',
        })
      }
      abort = new AbortController()
      rate = createTransferRate()
      const begun: Progress = {
        model: name,
        state: 'running',
        step: 'beginning',
        received_bytes: 0,
        total_bytes: null,
        error: null,
      }
      progress = begun
      running = run(name, begun)
    },
    cancel() {
      if (running === undefined) {
        throw new FlocapError('not_found', 'No model is being downloaded.')
      }
      abort.abort()
    },
    async close() {
      abort.abort()
      await running
    },
  }
}
