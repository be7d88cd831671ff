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

export interface CaptionTask {
  readonly id: string
  readonly title: string
}

export interface ReviewState {
  readonly folder: string
  readonly notes: readonly string[]
  readonly tasks: readonly CaptionTask[]
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
  /** Steps of this page that can be taken back. */
  readonly undoable: number
  /** Captions in which the last change of many still stands, be it of an earlier page. */
  readonly standing: number
  /** The picture that is being captioned again. */
  readonly asking: string | undefined
  /** Of what is being done to many captions. */
  readonly progress: { readonly done: number; readonly total: number } | undefined
}

export interface ReviewActions {
  load(): Promise<void>
  show(filter: Filter, query: string): void
  save(changes: readonly Change[]): Promise<void>
  undo(): Promise<void>
  lock(names: readonly string[], locked: boolean): Promise<void>
  /** Captions a picture again, and saves that unless the caption has changed meanwhile. */
  again(name: string, task: string): Promise<void>
  settle(): void
  /** Of what is being done to many captions the rest is left. */
  stop(): void
}

const EMPTY: ReviewState = {
  folder: '',
  notes: [],
  tasks: [],
  pictures: new Map(),
  shown: [],
  filter: 'all',
  query: '',
  isLoaded: false,
  problem: undefined,
  conflict: undefined,
  said: '',
  undoable: 0,
  standing: 0,
  progress: undefined,
  asking: undefined,
}

export function useReview(server: ReviewServer): [ReviewState, ReviewActions] {
  const [state, setState] = useState(EMPTY)
  const undoSteps = useRef<(readonly Change[])[]>([])
  const stopping = useRef(new AbortController())
  /** As the server knows them by now. */
  const captions = useRef(new Map<string, string | null>())
  /** One change after the other: what is undone is what came last, also for quick fingers. */
  const last = useRef<Promise<void>>(Promise.resolve())
  const inTurn = async (work: () => Promise<void>): Promise<void> => {
    last.current = last.current.then(work)
    return last.current
  }

  const update = useCallback((changed: readonly ReviewedPicture[], more: Partial<ReviewState>) => {
    for (const { name, caption } of changed) captions.current.set(name, caption)
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
    } finally {
      setState((old) => (old.progress === undefined ? old : { ...old, progress: undefined }))
    }
  }, [])

  const load = useCallback(
    async () =>
      attempt(async () => {
        const { folder, notes, tasks, pictures } = await server.list()
        const { changes } = await server.undoable()
        captions.current = new Map(pictures.map(({ name, caption }) => [name, caption]))
        setState((old) => ({
          ...old,
          folder,
          notes,
          tasks,
          pictures: new Map(pictures.map((picture) => [picture.name, picture])),
          shown: selectPictures(pictures, old.filter, old.query),
          isLoaded: true,
          standing: changes.length,
          problem: undefined,
          conflict: undefined,
        }))
      }),
    [server, attempt],
  )

  const send = async (changes: readonly Change[], isUndo: boolean): Promise<void> =>
    attempt(async () => {
      const { length: total } = changes
      const isMany = total > 1
      stopping.current = new AbortController()
      const onProgress = (count: number): void => {
        if (isMany) setState((old) => ({ ...old, progress: { done: count, total } }))
      }
      onProgress(0)
      const { saved, conflicts, failed } = await server.save(changes, {
        step: isMany && !isUndo ? crypto.randomUUID() : undefined,
        onProgress,
        signal: stopping.current.signal,
      })
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
      const left = total - saved.length - conflicts.length - failed.length
      const standing = isMany ? (await server.undoable()).changes.length : undefined
      update(saved, {
        said: describeSaved(saved.length, conflicts.length, left),
        ...(standing === undefined ? {} : { standing }),
        conflict: first === undefined ? undefined : { ...first, mine },
        problem: fault === undefined ? undefined : toFailure(fault.message, failed.length),
      })
    })

  const again = async (name: string, task: string): Promise<void> =>
    attempt(async () => {
      // What has just been typed is saved first.
      await last.current
      const before = captions.current.get(name) ?? null
      setState((old) => ({ ...old, asking: name, said: 'Asking the model…' }))
      try {
        const { caption, confidence, model } = await server.again(name, task)
        await inTurn(async () => send([{ name, before, after: caption }], false))
        const said = describeAgain(model, confidence)
        setState((old) => (old.conflict === undefined ? { ...old, said } : old))
      } finally {
        setState((old) => ({ ...old, asking: undefined }))
      }
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
          if (step !== undefined) return send(step, true)
          return attempt(async () => send((await server.undoable()).changes, true))
        }),
      lock: async (names, locked) =>
        attempt(async () => {
          const changed = await server.lock(names, locked)
          update(changed, { said: locked ? 'Locked' : 'Unlocked' })
        }),
      again,
      settle: () => setState((old) => ({ ...old, conflict: undefined, problem: undefined })),
      stop: () => stopping.current.abort(),
    },
  ]
}

function describeAgain(
  { id, demo }: { readonly id: string; readonly demo: boolean },
  confidence: number | null,
): string {
  const sure = confidence === null ? '' : `, ${Math.round(confidence * 100)} % sure`
  const warning = demo ? '. The demo model knows drawn scenes and nothing else' : ''
  return `Captioned again by ${id}${sure}${warning}`
}

function describeSaved(saved: number, conflicts: number, left: number): string {
  const others = [
    ...(conflicts > 0 ? [`${conflicts} changed meanwhile and left alone`] : []),
    ...(left > 0 ? [`stopped before ${left}`] : []),
  ]
  return [`${saved} saved`, ...others].join(', ')
}

function toFailure(message: string, count: number): Problem {
  const more = count > 1 ? ` (and ${count - 1} more)` : ''
  return new Problem('file_not_written', `${message}${more}`)
}
