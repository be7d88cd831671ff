// The answers about several pictures together: how far it is, a list, and all of it to take along.
import type { TaskEntry } from '../server/wire.ts'
import {
  listResults,
  measureBatch,
  resultsCsv,
  resultsJson,
  resultsText,
} from '../session/results.ts'
import type { Picture } from '../session/session.ts'
import { CopyButton } from './copy-button.tsx'
import { saveFile } from './save-file.ts'

export interface ResultsProps {
  readonly pictures: readonly Picture[]
  readonly tasks: readonly TaskEntry[]
}

export function Results({ pictures, tasks }: ResultsProps) {
  const rows = listResults(pictures)
  const { done, failed, asked } = measureBatch(pictures)
  const titleOf = (id: string): string => tasks.find((task) => task.id === id)?.title ?? id
  const save = (text: string, type: string, name: string): void =>
    saveFile(new Blob([text], { type }), name)
  return (
    <section class="results" aria-labelledby="results-title">
      <h2 id="results-title">All pictures</h2>
      <p class="hint">
        {done} of {asked} done{failed === 0 ? '' : `, ${failed} failed`}
      </p>
      {done < asked ? <progress max={asked} value={done} aria-label="Pictures done" /> : null}
      {rows.length === 0 ? null : (
        <>
          <div class="result-actions">
            <CopyButton text={resultsText(rows)} what="answers">
              Copy all
            </CopyButton>
            <button
              type="button"
              class="quiet"
              onClick={() => save(resultsCsv(rows), 'text/csv', 'captions.csv')}
            >
              Download CSV
            </button>
            <button
              type="button"
              class="quiet"
              onClick={() => save(resultsJson(pictures), 'application/json', 'captions.json')}
            >
              Download JSON
            </button>
          </div>
          <dl>
            {rows.map(({ picture, task, text }, index) => (
              <div key={index}>
                <dt>
                  {picture} <span class="hint">{titleOf(task)}</span>
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  )
}
