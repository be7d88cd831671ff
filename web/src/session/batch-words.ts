// What there is to say about a batch: how far it is, and how long the rest takes.
import type { Batch } from '../server/wire.ts'
import { timeLeftInWords } from './time-left.ts'

const STATUSES: Readonly<Record<Batch['status'], string>> = {
  validating: 'Its lines are being checked',
  failed: 'Not run: its lines have mistakes',
  in_progress: 'Running',
  finalizing: 'Its files are being finished',
  completed: 'Completed',
  expired: 'Ended by its time limit',
  cancelling: 'Being cancelled',
  cancelled: 'Cancelled',
}

const ENDED: ReadonlySet<Batch['status']> = new Set(['failed', 'completed', 'expired', 'cancelled'])

export function batchHasEnded({ status }: Batch): boolean {
  return ENDED.has(status)
}

/** `Running: 120 of 2,000 lines, 3 failed, about 5 minutes left`. @param now seconds since 1970. */
export function batchInWords(batch: Batch, now: number): string {
  const { status, request_counts: counts } = batch
  const done = counts.completed + counts.failed
  if (counts.total === 0) return STATUSES[status]
  const left = status === 'in_progress' ? secondsLeft(batch, now) : undefined
  return [
    `${STATUSES[status]}: ${number(done)} of ${number(counts.total)} lines`,
    ...(counts.failed === 0 ? [] : [`${number(counts.failed)} failed`]),
    ...(left === undefined ? [] : [timeLeftInWords(left)]),
  ].join(', ')
}

/** At the pace so far; undefined before the first line. */
function secondsLeft({ in_progress_at: began, request_counts: counts }: Batch, now: number) {
  const done = counts.completed + counts.failed
  if (began === null || done === 0 || now <= began) return undefined
  return ((counts.total - done) * (now - began)) / done
}

/** Why it failed, or what it waits for, one sentence each. */
export function batchErrors({ errors }: Batch): readonly string[] {
  return (errors?.data ?? []).map(({ line, message }) =>
    line === null ? message : `Line ${line}: ${message}`,
  )
}

function number(count: number): string {
  return count.toLocaleString('en')
}
