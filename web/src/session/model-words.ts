// What there is to say about models, a download and a switch, in sentences.
import { formatBytes } from '../../../src/base/format-bytes.ts'
import type { ModelEntry, ModelFailure, Pull, Switch } from '../server/wire.ts'
import { timeLeftInWords } from './time-left.ts'

/** What has happened, for everybody: it changes seldom, so that it can be read out. */
export function pullNews({ model, state, error }: Pull): string {
  if (state === 'running') return `${model} is being downloaded.`
  if (state === 'done') return `${model} is on this machine. Switch to it whenever you like.`
  if (state === 'cancelled')
    return `The download of ${model} was stopped. The next one goes on from there.`
  return `${model} could not be downloaded. ${failureInWords(error)}`
}

/** `120 MB of 466 MB, 12.0 MB a second, about 30 seconds left`. */
export function pullProgress(pull: Pull): string {
  const { received_bytes: received, total_bytes: total, step } = pull
  if (total === null) return step
  const isMoving = step.startsWith('downloading')
  const speed = pull.bytes_per_second
  const parts = [
    isMoving ? '' : step,
    `${formatBytes(received)} of ${formatBytes(total)}`,
    speed === null || !isMoving ? '' : `${formatBytes(speed)} a second`,
    pull.seconds_left === null || !isMoving ? '' : timeLeftInWords(pull.seconds_left),
  ]
  return parts.filter((part) => part !== '').join(', ')
}

export function switchNews({ model, state, step, error }: Switch): string | undefined {
  if (state === 'done') return undefined
  if (state === 'running') return `Switching to ${model}: ${step}. Pictures wait meanwhile.`
  return `${model} could not be loaded, so the model before answers. ${failureInWords(error)}`
}

/** `1.55 GB to download` or `1.55 GB`. */
export function modelSize({
  installed_bytes: here,
  download_bytes: download,
  demo,
}: ModelEntry): string {
  if (demo) return 'comes with FloCap'
  if (here !== null) return formatBytes(here)
  return download === null ? '' : `${formatBytes(download)} to download`
}

function failureInWords(failure: ModelFailure): string {
  if (failure === null) return ''
  return failure.hint === null ? failure.message : `${failure.message} ${failure.hint}`
}
