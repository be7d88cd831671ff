// The line at the foot of a terminal while pictures are captioned: how many, how fast, how long still.
import cliTruncate from 'cli-truncate'
import ora from 'ora'
import { toPrintable } from '../../base/printable.ts'
import type { Outcome } from '../../folders/run/outcome.ts'

export interface ProgressLine {
  add(outcome: Outcome): void
  /** Says behind the numbers what is waited for, until the next outcome. */
  note(text: string): void
  /** Prints above the line what is to stay. */
  above(print: () => void): void
  stop(): void
}

/** Columns that the spinner and its space take. */
const SPINNER_COLUMNS = 2
/** Where a terminal does not say how wide it is. */
const USUAL_COLUMNS = 80
const SECONDS_PER_MINUTE = 60
const SECONDS_PER_HOUR = 3600

export function createProgressLine(total: number): ProgressLine {
  const spinner = ora({ text: `0 of ${total}`, discardStdin: false }).start()
  const began = performance.now()
  let done = 0
  let captioned = 0
  let failed = 0
  function show(said: string): void {
    const seconds = (performance.now() - began) / 1000
    const text = renderProgress({ done, total, captioned, failed, seconds, said })
    const columns = process.stderr.columns || USUAL_COLUMNS
    spinner.text = cliTruncate(text, columns - SPINNER_COLUMNS)
  }
  return {
    add(outcome) {
      done += 1
      if (outcome.kind === 'failed') failed += 1
      if (outcome.kind === 'captioned' && !outcome.isKnown) captioned += 1
      show(saidOf(outcome))
    },
    note: show,
    above(print) {
      spinner.clear()
      print()
      spinner.render()
    },
    stop: () => void spinner.stop(),
  }
}

function saidOf(outcome: Outcome): string {
  return outcome.kind === 'captioned' ? (outcome.captioned.captions[0] ?? '') : ''
}

export interface Progress {
  readonly done: number
  readonly total: number
  /** Those that the model had to look at: only they tell how fast it is. */
  readonly captioned: number
  readonly failed: number
  readonly seconds: number
  /** The newest caption. */
  readonly said: string
}

/** `120 of 812 · 3.1/s · 3 min 43 s left · 2 failed · a dog on a lawn` */
export function renderProgress(progress: Progress): string {
  const { done, total, captioned, failed, seconds, said } = progress
  const rate = captioned / seconds
  const parts = [
    `${done} of ${total}`,
    ...(captioned > 0 ? [renderRate(rate), `${renderTime((total - done) / rate)} left`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(said === '' ? [] : [toPrintable(said)]),
  ]
  return parts.join(' · ')
}

function renderRate(rate: number): string {
  return rate >= 1 ? `${rate.toFixed(1)}/s` : `${(rate * SECONDS_PER_MINUTE).toFixed(1)}/min`
}

function renderTime(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < SECONDS_PER_MINUTE) return `${whole} s`
  const minutes = Math.floor((whole % SECONDS_PER_HOUR) / SECONDS_PER_MINUTE)
  if (whole < SECONDS_PER_HOUR) return `${minutes} min ${whole % SECONDS_PER_MINUTE} s`
  return `${Math.floor(whole / SECONDS_PER_HOUR)} h ${minutes} min`
}
