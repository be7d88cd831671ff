// A review while it goes on: the pictures as the server knows them, what is shown, what can be undone.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { Problem, toProblem } from '../../server/problem.ts'
import type { Change, ReviewedPicture, ReviewServer } from '../../server/review-server.ts'
import { type Filter, selectPictures } from './filters.ts'

export interface Conflict {
  readonly name: string
  readonly mine: string | null
  readonly theirs: string | null
}

export interface ReviewState {
  readonly folder: string
  readonly pictures: ReadonlyMap<string, ReviewedPicture>
  /** Kept while captions change, so that nothing moves away under the reader's eyes. */
  readonly shown: readonly string[]
  readonly filter: Filter
  readonly query: string
  readonly isLoaded: boolean
  readonly problem: Problem | undefined
  readonly conflict: Conflict | undefined
  /** What was done last, for people who do not see it. */
  readonly said: string
  readonly undoable: number
}

export interface ReviewActions {
  load(): Promise<void>
  show(filter: Filter, query: string): void
  save(changes: readonly Change[]): Promise<void>
  undo(): Promise<void>
  lock(names: readonly string[], locked: boolean): Promise<void>
  settle(): void
}

const EMPTY: ReviewState = {
  folder: '',
  pictures: new Map(),
  shown: [],
  filter: 'all',
  query: '',
  isLoaded: false,
  problem: undefined,
  conflict: undefined,
  said: '',
  undoable: 0,
}

export function useReview(server: ReviewServer): [ReviewState, ReviewActions] {
  const [state, setState] = useState(EMPTY)
  const undoSteps = useRef<(readonly Change[])[]>([])
  /** One change after the other: what is undone is what came last, also for quick fingers. */
  const last = useRef<Promise<void>>(Promise.resolve())
  const inTurn = async (work: () => Promise<void>): Promise<void> => {
    last.current = last.current.then(work)
    return last.current
  }

  const update = useCallback((changed: readonly ReviewedPicture[], more: Partial<ReviewState>) => {
    setState((old) => {
      const pictures = new Map(old.pictures)
      for (const picture of changed) pictures.set(picture.name, picture)
      return { ...old, pictures, ...more, undoable: undoSteps.current.length }
    })
  }, [])

  const attempt = useCallback(async (work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      const problem = toProblem(error)
      setState((old) => ({ ...old, problem }))
    }
  }, [])

  const load = useCallback(
    async () =>
      attempt(async () => {
        const { folder, pictures } = await server.list()
        setState((old) => ({
          ...old,
          folder,
          pictures: new Map(pictures.map((picture) => [picture.name, picture])),
          shown: selectPictures(pictures, old.filter, old.query),
          isLoaded: true,
          problem: undefined,
          conflict: undefined,
        }))
      }),
    [server, attempt],
  )

  const send = async (changes: readonly Change[], isUndo: boolean): Promise<void> =>
    attempt(async () => {
      setState((old) => ({ ...old, said: `Saving ${changes.length}…` }))
      const { saved, conflicts, failed } = await server.save(changes)
      const done = new Map(saved.map((picture) => [picture.name, picture]))
      const made = changes.flatMap(({ name, before }) => {
        const now = done.get(name)
        return now === undefined || now.caption === before
          ? []
          : [{ name, before: now.caption, after: before }]
      })
      if (made.length > 0 && !isUndo) undoSteps.current.push(made)
      const [first] = conflicts
      const mine = changes.find(({ name }) => name === first?.name)?.after ?? null
      const [fault] = failed
      update(saved, {
        said: `${saved.length} saved${conflicts.length > 0 ? `, ${conflicts.length} changed meanwhile and left alone` : ''}`,
        conflict: first === undefined ? undefined : { ...first, mine },
        problem: fault === undefined ? undefined : toFailure(fault.message, failed.length),
      })
    })

  useEffect(() => void load(), [load])

  return [
    state,
    {
      load,
      show: (filter, query) =>
        setState((old) => ({
          ...old,
          filter,
          query,
          shown: selectPictures([...old.pictures.values()], filter, query),
        })),
      save: async (changes) => inTurn(async () => send(changes, false)),
      undo: async () =>
        inTurn(async () => {
          const step = undoSteps.current.pop()
          if (step !== undefined) await send(step, true)
        }),
      lock: async (names, locked) =>
        attempt(async () => {
          const changed = await server.lock(names, locked)
          update(changed, { said: locked ? 'Locked' : 'Unlocked' })
        }),
      settle: () => setState((old) => ({ ...old, conflict: undefined, problem: undefined })),
    },
  ]
}

function toFailure(message: string, count: number): Problem {
  const more = count > 1 ? ` (and ${count - 1} more)` : ''
  return new Problem('file_not_written', `${message}${more}`)
}
