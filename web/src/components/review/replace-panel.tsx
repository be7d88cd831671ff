// Finding and replacing over all pictures that are shown: what would change is seen before it does.
import { useRef, useState } from 'preact/hooks'
import { type Problem, toProblem } from '../../server/problem.ts'
import type { Change, Replacement, ReviewServer } from '../../server/review-server.ts'
import { Progress } from './progress.tsx'

/** More are counted. */
const MOST_SHOWN = 50

export interface ReplacePanelProps {
  readonly server: ReviewServer
  readonly names: readonly string[]
  readonly onApply: (changes: readonly Change[]) => Promise<void>
}

export function ReplacePanel({ server, names, onApply }: ReplacePanelProps) {
  const [wanted, setWanted] = useState<Replacement>({ from: '', to: '', regex: false })
  const [changes, setChanges] = useState<readonly Change[]>()
  const [problem, setProblem] = useState<Problem>()
  const [looked, setLooked] = useState<number>()
  const stopping = useRef(new AbortController())
  const edit = (more: Partial<Replacement>): void => {
    stopping.current.abort()
    setWanted({ ...wanted, ...more })
    setChanges(undefined)
  }
  const look = async (): Promise<void> => {
    stopping.current = new AbortController()
    const { signal } = stopping.current
    try {
      setProblem(undefined)
      setLooked(0)
      const found = await server.replace(names, wanted, { onProgress: setLooked, signal })
      if (!signal.aborted) setChanges(found)
    } catch (error) {
      setProblem(toProblem(error))
    } finally {
      setLooked(undefined)
    }
  }
  return (
    <form
      class="replace-panel"
      aria-label="Find and replace"
      onSubmit={(event) => {
        event.preventDefault()
        void look()
      }}
    >
      <label class="field">
        Find
        <input
          value={wanted.from}
          required
          onInput={({ currentTarget }) => edit({ from: currentTarget.value })}
        />
      </label>
      <label class="field">
        Replace by
        <input
          value={wanted.to}
          onInput={({ currentTarget }) => edit({ to: currentTarget.value })}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={wanted.regex}
          onChange={({ currentTarget }) => edit({ regex: currentTarget.checked })}
        />
        Regular expression (RE2; $1 is the first group)
      </label>
      <button type="submit">Show changes</button>
      {problem === undefined ? null : (
        <p class="field-fault" role="alert">
          {problem.message} {problem.hint}
        </p>
      )}
      {looked === undefined ? null : (
        <Progress
          what="Looking"
          done={looked}
          total={names.length}
          onStop={() => stopping.current.abort()}
        />
      )}
      <div role="status">
        {changes === undefined ? null : (
          <p>
            {changes.length} of {names.length} captions would change. Locked ones stay.
          </p>
        )}
      </div>
      {changes === undefined || changes.length === 0 ? null : (
        <>
          <ul class="replace-changes">
            {changes.slice(0, MOST_SHOWN).map(({ name, before, after }) => (
              <li key={name}>
                <span class="row-name">{name}</span> <del>{before}</del>{' '}
                <ins>{after ?? 'no caption: the file is removed'}</ins>
              </li>
            ))}
          </ul>
          {changes.length > MOST_SHOWN ? <p>… and {changes.length - MOST_SHOWN} more.</p> : null}
          <button
            type="button"
            class="primary"
            onClick={() => void onApply(changes).then(() => setChanges(undefined))}
          >
            Replace in {changes.length}
          </button>
        </>
      )}
    </form>
  )
}
