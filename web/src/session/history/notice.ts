// What is said of the history: where pictures are kept, and what is not.
import { MAX_HISTORY_BYTES } from './budget.ts'
import type { HistoryState } from './use-history.ts'

const BYTES_PER_MB = 1024 * 1024

/** In sentences; empty while it is not known yet. */
export function historyNotice({ kind, leftOut }: HistoryState): string {
  if (kind === 'opening') return ''
  if (kind === 'off') {
    return 'This browser keeps nothing for this page, as in a private window: when you close it, pictures and answers are gone.'
  }
  const kept = 'Kept in this browser, and nowhere else, until you clear it.'
  if (leftOut.length === 0) return kept
  const pictures = leftOut.length === 1 ? 'One picture is' : `${leftOut.length} pictures are`
  const megabytes = MAX_HISTORY_BYTES / BYTES_PER_MB
  return `${kept} ${pictures} beyond the ${megabytes} MB that it keeps, and will be gone when you close the page.`
}
