// Keeps the visit in the browser while it goes on, and brings back the last one.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Picture } from '../session.ts'
import type { History } from './history.ts'

export interface HistoryState {
  /** `off`: this browser keeps nothing, as in some private windows. */
  readonly kind: 'opening' | 'keeping' | 'off'
  /** Pictures on the page for which the history has no room. */
  readonly leftOut: readonly number[]
}

export interface UsedHistory {
  readonly state: HistoryState
  readonly clear: () => void
}

/** @param onRestored what was kept, at most once. */
export function useHistory(
  pictures: readonly Picture[],
  onRestored: (pictures: readonly Picture[]) => void,
): UsedHistory {
  const [history, setHistory] = useState<History>()
  const [state, setState] = useState<HistoryState>({ kind: 'opening', leftOut: [] })
  // One after the other, so that an older state never overwrites a newer one.
  const writing = useRef(Promise.resolve())
  const kept = useRef(new Map<number, Picture>())

  const write = useCallback((step: () => Promise<void>): void => {
    writing.current = writing.current.then(step).catch(() => {
      setState((before) => ({ ...before, kind: 'off' }))
    })
  }, [])

  useEffect(() => {
    const restore = async (): Promise<void> => {
      // Loaded when it is needed: nothing of it is on the first view.
      const { openHistory } = await import('./history.ts')
      const opened = await openHistory()
      const restored = await opened.load()
      for (const picture of restored) kept.current.set(picture.id, picture)
      if (restored.length > 0) onRestored(restored)
      setHistory(opened)
      setState({ kind: 'keeping', leftOut: [] })
    }
    restore().catch(() => setState({ kind: 'off', leftOut: [] }))
  }, [])

  useEffect(() => {
    if (history === undefined) return
    const before = kept.current
    kept.current = new Map(pictures.map((picture) => [picture.id, picture]))
    for (const picture of pictures) {
      const known = before.get(picture.id)
      if (known !== undefined && isKeptAlike(known, picture)) continue
      write(async () => {
        const dropped = await history.keep(picture)
        setState((last) => {
          const others = last.leftOut.filter((id) => id !== picture.id && !dropped.includes(id))
          const isSame = dropped.length === 0 && others.length === last.leftOut.length
          return isSame ? last : { ...last, leftOut: [...others, ...dropped] }
        })
      })
    }
    for (const id of before.keys()) {
      if (!kept.current.has(id)) write(async () => history.forget(id))
    }
  }, [history, pictures, write])

  const clear = useCallback(() => {
    if (history !== undefined) write(async () => history.clear())
    setState(({ kind }) => ({ kind, leftOut: [] }))
  }, [history, write])
  return { state, clear }
}

/** The words of an answer that grows are not kept one by one. */
function isKeptAlike(a: Picture, b: Picture): boolean {
  return (
    a.answers === b.answers &&
    a.region === b.region &&
    a.size === b.size &&
    (a.progress === b.progress || (isUnderWay(a) && isUnderWay(b)))
  )
}

function isUnderWay({ progress }: Picture): boolean {
  return progress.kind === 'waiting' || progress.kind === 'asking'
}
