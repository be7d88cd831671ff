// Batches of this visitor's key: how far they are, and what they have answered.
import { useCallback, useState } from 'preact/hooks'
import { type Problem, toProblem } from '../server/problem.ts'
import type { Server } from '../server/server.ts'
import type { Batch } from '../server/wire.ts'
import { batchErrors, batchHasEnded, batchInWords } from '../session/batch-words.ts'
import { usePolled } from '../session/use-polled.ts'
import { saveFile } from './save-file.ts'

const REFRESH_MS = 2000
const MS_PER_SECOND = 1000

export function BatchesPanel({ server }: { readonly server: Server }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="batches" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Batches</summary>
      {isOpen ? <Batches server={server} /> : null}
    </details>
  )
}

function Batches({ server }: { readonly server: Server }) {
  const ask = useCallback(async () => server.batches(), [server])
  const { value, problem } = usePolled(ask, REFRESH_MS)
  if (value === undefined) {
    return (
      <p class={problem === undefined ? 'hint' : 'field-fault'}>
        {problem?.message ?? 'One moment.'}
      </p>
    )
  }
  return (
    <>
      {problem === undefined ? null : <p class="field-fault">{problem.message}</p>}
      {value.data.length === 0 ? (
        <p class="hint">None yet. Programs make them with OpenAI’s Files and Batches API.</p>
      ) : (
        <ul class="batch-list" aria-label="Batches">
          {value.data.map((batch) => (
            <BatchEntry key={batch.id} server={server} batch={batch} />
          ))}
        </ul>
      )}
      {value.has_more ? <p class="hint">Older ones: flocap batches list.</p> : null}
    </>
  )
}

function BatchEntry({ server, batch }: { readonly server: Server; readonly batch: Batch }) {
  const [problem, setProblem] = useState<Problem>()
  const { id, request_counts: counts } = batch
  const words = batchInWords(batch, Date.now() / MS_PER_SECOND)
  const attempt = (work: Promise<unknown>): void => {
    setProblem(undefined)
    work.catch((error: unknown) => setProblem(toProblem(error)))
  }
  const save = async (file: string, name: string): Promise<void> =>
    saveFile(await server.fileContent(file), name)
  return (
    <li>
      <p>
        <strong>{new Date(batch.created_at * MS_PER_SECOND).toLocaleString()}</strong>{' '}
        <code>{id}</code>
      </p>
      {batchHasEnded(batch) ? null : (
        <progress
          aria-label={`Progress of ${id}`}
          aria-valuetext={words}
          {...(counts.total === 0
            ? {}
            : { max: counts.total, value: counts.completed + counts.failed })}
        />
      )}
      <p>{words}</p>
      {[...batchErrors(batch), ...(problem === undefined ? [] : [problem.message])].map((each) => (
        <p key={each} class="field-fault">
          {each}
        </p>
      ))}
      <div class="batch-actions">
        {batchHasEnded(batch) ? null : (
          <Action what="Cancel" of={id} onPress={() => attempt(server.cancelBatch(id))} />
        )}
        <FileAction
          what="Download answers"
          file={batch.output_file_id}
          of={id}
          onFile={(file) => attempt(save(file, `${id}-output.jsonl`))}
        />
        <FileAction
          what="Download failures"
          file={batch.error_file_id}
          of={id}
          onFile={(file) => attempt(save(file, `${id}-error.jsonl`))}
        />
      </div>
    </li>
  )
}

interface FileActionProps {
  readonly what: string
  /** Id of the file; null where there is none. */
  readonly file: string | null
  readonly of: string
  readonly onFile: (file: string) => void
}

function FileAction({ what, file, of, onFile }: FileActionProps) {
  return file === null ? null : <Action what={what} of={of} onPress={() => onFile(file)} />
}

interface ActionProps {
  readonly what: string
  readonly of: string
  readonly onPress: () => void
}

function Action({ what, of, onPress }: ActionProps) {
  return (
    <button type="button" onClick={onPress}>
      {what}
      <span class="visually-hidden"> of batch {of}</span>
    </button>
  )
}
