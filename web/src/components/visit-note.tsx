// Says what the browser keeps of a visit, and clears all of it.
import { historyNotice } from '../session/history/notice.ts'
import type { HistoryState } from '../session/history/use-history.ts'

export interface VisitNoteProps {
  readonly history: HistoryState
  readonly onClear: () => void
}

export function VisitNote({ history, onClear }: VisitNoteProps) {
  return (
    <p class="visit-note hint">
      <span>{historyNotice(history)}</span>
      <button type="button" class="quiet" onClick={onClear}>
        Clear all
      </button>
    </p>
  )
}
