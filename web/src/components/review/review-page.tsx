// The page of `flocap review`: a list to go through, and what is looked at beside it.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ReviewServer } from '../../server/review-server.ts'
import { countFilters, type Filter, FILTERS } from '../../session/review/filters.ts'
import { useReview } from '../../session/review/use-review.ts'
import { Mark } from '../header.tsx'
import { ProblemNotice } from '../notices.tsx'
import { AgainForm } from './again-form.tsx'
import { CaptionEditor } from './caption-editor.tsx'
import { PictureList } from './picture-list.tsx'
import { Progress } from './progress.tsx'
import { ReplacePanel } from './replace-panel.tsx'
import { StatisticsPanel } from './statistics-panel.tsx'

/** Until another one is chosen. */
const USUAL_TASK = 'more_detailed_caption'

const FILTER_NAMES = Object.keys(FILTERS).filter((name): name is Filter => name in FILTERS)

export function ReviewPage({ server }: { readonly server: ReviewServer }) {
  const [state, actions] = useReview(server)
  const { pictures, shown, filter, query, conflict, problem, undoable, standing, progress } = state
  const [chosen, setChosen] = useState(0)
  const [isReplacing, setReplacing] = useState(false)
  const [isCounting, setCounting] = useState(false)
  const [task, setTask] = useState(USUAL_TASK)
  const list = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const rows = shown.flatMap((name) => pictures.get(name) ?? [])
  const current = Math.min(chosen, Math.max(rows.length - 1, 0))
  const picture = rows[current]
  const counts = countFilters([...pictures.values()])
  useEffect(() => list.current?.focus(), [state.isLoaded])

  const show = (next: Filter, words: string): void => {
    actions.show(next, words)
    setChosen(0)
  }
  const step = (by: number): void =>
    setChosen(Math.min(Math.max(current + by, 0), Math.max(rows.length - 1, 0)))
  const remove = (): void => {
    if (picture === undefined || picture.caption === null || picture.readOnly !== null) return
    void actions.save([{ name: picture.name, before: picture.caption, after: null }])
    list.current?.focus()
  }
  const lock = (): void => {
    if (picture !== undefined) void actions.lock([picture.name], picture.lock !== 'locked')
  }
  const again = (): void => {
    if (picture === undefined || state.asking !== undefined) return
    if (picture.lock === 'locked' || picture.readOnly !== null) return
    void actions.again(picture.name, task)
  }
  const keys: Readonly<Record<string, () => void>> = {
    Enter: () => field.current?.focus(),
    e: () => field.current?.focus(),
    l: lock,
    Delete: remove,
    u: () => void actions.undo(),
    '/': () => search.current?.focus(),
    r: () => setReplacing(!isReplacing),
    s: () => setCounting(!isCounting),
    a: again,
  }
  const onKey = (event: KeyboardEvent): boolean => {
    const isUndo = event.key === 'z' && (event.ctrlKey || event.metaKey)
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey
    const act = isUndo ? keys['u'] : isPlain ? keys[event.key] : undefined
    act?.()
    return act !== undefined
  }

  return (
    <div class="review">
      <header class="page-header">
        <h1>
          <Mark />
          FloCap
        </h1>
        <p class="tagline">Review of {state.folder}</p>
      </header>
      <main>
        {state.notes.map((note) => (
          <p class="notice" key={note}>
            {note}
          </p>
        ))}
        <div class="review-tools">
          <div class="chips" role="group" aria-label="Show">
            {FILTER_NAMES.map((name) => (
              <button
                key={name}
                type="button"
                class="filter"
                aria-pressed={filter === name}
                onClick={() => show(name, query)}
              >
                {FILTERS[name]} <span class="count">{counts[name]}</span>
              </button>
            ))}
          </div>
          <label class="field search">
            Search captions and names
            <input
              type="search"
              ref={search}
              value={query}
              onInput={({ currentTarget }) => show(filter, currentTarget.value)}
              onKeyDown={({ key }) => {
                if (key === 'Escape' || key === 'Enter') list.current?.focus()
              }}
            />
          </label>
          <button
            type="button"
            aria-expanded={isReplacing}
            onClick={() => setReplacing(!isReplacing)}
          >
            Find and replace
          </button>
          <button type="button" aria-expanded={isCounting} onClick={() => setCounting(!isCounting)}>
            Statistics
          </button>
          <button
            type="button"
            disabled={undoable === 0 && standing === 0}
            onClick={() => void actions.undo()}
          >
            {undoable === 0 && standing > 0 ? `Undo replacement in ${standing}` : 'Undo'}
          </button>
          <button type="button" onClick={() => void actions.load()}>
            Read again
          </button>
        </div>
        {progress === undefined ? null : (
          <Progress what="Saving" {...progress} onStop={() => actions.stop()} />
        )}
        {problem === undefined ? null : (
          <ProblemNotice problem={problem} onRetry={() => void actions.load()} />
        )}
        {isReplacing ? (
          <ReplacePanel
            server={server}
            names={shown}
            onApply={async (changes) => actions.save(changes)}
          />
        ) : null}
        {isCounting ? (
          <StatisticsPanel pictures={rows} onSearch={(text) => show(filter, text)} />
        ) : null}
        <p class="hint" role="status">
          {state.isLoaded ? `${rows.length} of ${pictures.size} shown. ${state.said}` : 'Reading…'}
        </p>
        <div class="review-desk">
          <PictureList
            server={server}
            pictures={rows}
            current={current}
            list={list}
            onChoose={setChosen}
            onKey={onKey}
          />
          {picture === undefined ? null : (
            <CaptionEditor
              server={server}
              picture={picture}
              field={field}
              conflict={conflict}
              onSave={(change) => void actions.save([change])}
              onKeepMine={({ name, mine, theirs }) =>
                void actions.save([{ name, before: theirs, after: mine }])
              }
              onTakeTheirs={() => void actions.load()}
              onStep={step}
              onLeave={() => list.current?.focus()}
              onLock={lock}
              onDelete={remove}
              again={
                <AgainForm
                  tasks={state.tasks}
                  task={task}
                  isAsking={state.asking !== undefined}
                  isKept={picture.lock === 'locked' || picture.readOnly !== null}
                  onChoose={setTask}
                  onAsk={again}
                />
              }
            />
          )}
        </div>
        <p class="hint shortcuts">
          In the list: <kbd>↓</kbd> <kbd>↑</kbd> go, <kbd>Enter</kbd> edit, <kbd>L</kbd> lock,{' '}
          <kbd>Delete</kbd> delete, <kbd>U</kbd> undo, <kbd>/</kbd> search, <kbd>R</kbd> replace,{' '}
          <kbd>S</kbd> statistics, <kbd>A</kbd> caption again. In the caption: <kbd>Ctrl</kbd>+
          <kbd>Enter</kbd> next, <kbd>Esc</kbd> back to the list. Captions are saved when you leave
          them.
        </p>
      </main>
    </div>
  )
}
