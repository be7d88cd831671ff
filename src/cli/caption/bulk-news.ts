// What is said of batches while they are waited for: which were sent, how far they are, why they stand still.
import { EventEmitter } from 'node:events'
import type { BulkEvent } from '../../client/bulk/batch-runner.ts'
import type { ProgressLine } from './progress-line.ts'

/** Between whoever waits for batches and whoever shows how that goes. */
export type BulkNews = EventEmitter<{ bulk: [BulkEvent] }>

export const createBulkNews = (): BulkNews => new EventEmitter()

/** Where there is no line that changes, so often at most. */
const PAUSE_MS = 10_000

/** @param say prints a line that stays */
export function showBulkNews(
  line: Pick<ProgressLine, 'note'> | undefined,
  say: (text: string) => void,
): (event: BulkEvent) => void {
  const open = new Map<string, { readonly done: number; readonly lines: number }>()
  let reason: string | undefined
  let saidAt = -Infinity
  return (event) => {
    if (event.kind === 'ended') {
      open.delete(event.id)
      return
    }
    if (event.kind !== 'progress') {
      open.set(event.id, { done: 0, lines: event.lines })
      const verb = event.kind === 'sent' ? 'sent' : 'taken up'
      say(`Batch ${event.id} ${verb}: ${count(event.lines, 'request')}.`)
      return
    }
    // How many there are the server knows when it has looked at them.
    const lines = Math.max(event.lines, open.get(event.id)?.lines ?? 0)
    open.set(event.id, { done: event.done, lines })
    if (event.waitsFor !== undefined && event.waitsFor !== reason) say(event.waitsFor)
    reason = event.waitsFor
    const text = renderOpen([...open.values()])
    line?.note(text)
    if (line !== undefined || performance.now() - saidAt < PAUSE_MS) return
    saidAt = performance.now()
    say(text)
  }
}

/** `at the server: 120 of 500` */
function renderOpen(batches: readonly { readonly done: number; readonly lines: number }[]): string {
  const sum = (of: 'done' | 'lines'): number => batches.reduce((all, one) => all + one[of], 0)
  return `at the server: ${sum('done')} of ${sum('lines')}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
