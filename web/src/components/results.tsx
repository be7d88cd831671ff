// The answers about several pictures together: how far it is, a list to correct, and all of it to take
// along.
import type { TaskEntry } from '../server/wire.ts'
import { listResults, measureBatch, type ResultRow } from '../session/results.ts'
import type { Picture } from '../session/session.ts'
import { CaptionField } from './caption-field.tsx'
import { ResultActions } from './result-actions.tsx'

export interface ResultsProps {
  readonly pictures: readonly Picture[]
  readonly tasks: readonly TaskEntry[]
  readonly onEdit: (id: number, index: number, text: string | undefined) => void
}

export function Results({ pictures, tasks, onEdit }: ResultsProps) {
  const rows = listResults(pictures)
  const { done, failed, asked } = measureBatch(pictures)
  const titleOf = (id: string): string => tasks.find((task) => task.id === id)?.title ?? id
  return (
    <section class="results" aria-labelledby="results-title">
      <h2 id="results-title">All pictures</h2>
      <p class="hint">
        {done} of {asked} done{failed === 0 ? '' : `, ${failed} failed`}
      </p>
      {done < asked ? <progress max={asked} value={done} aria-label="Pictures done" /> : null}
      {rows.length === 0 ? null : (
        <>
          <ResultActions pictures={pictures} rows={rows} />
          <dl>
            {rows.map((row) => (
              <Row
                key={`${row.id} ${row.key}`}
                row={row}
                title={titleOf(row.task)}
                onText={(text) => onEdit(row.id, row.index, text)}
              />
            ))}
          </dl>
        </>
      )}
    </section>
  )
}

function Row({
  row: { picture, text, isText, isEdited },
  title,
  onText,
}: {
  readonly row: ResultRow
  readonly title: string
  readonly onText: (text: string | undefined) => void
}) {
  return (
    <div>
      <dt>
        {picture} <span class="hint">{title}</span>
      </dt>
      <dd>
        {isText ? (
          <CaptionField
            label={`${title} of ${picture}`}
            text={text}
            isEdited={isEdited}
            onText={onText}
          />
        ) : (
          text
        )}
      </dd>
    </div>
  )
}
