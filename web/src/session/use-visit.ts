// The pictures of a visit: how they come, are asked about, and go again.
import { useCallback, useEffect, useReducer, useRef } from 'preact/hooks'
import type { NamedFile, Server } from '../server/server.ts'
import { type HistoryState, useHistory } from './history/use-history.ts'
import { measurePicture } from './measure-picture.ts'
import { nextPictureId } from './picture-id.ts'
import {
  type Asked,
  EMPTY_SESSION,
  type Picture,
  reduceSession,
  type Session,
  type SessionEvent,
} from './session.ts'
import { useAsking } from './use-asking.ts'

export interface VisitOptions {
  readonly server: Server
  /** Whether it is known what can be asked. */
  readonly isKnown: boolean
  /** False while the model is loaded or the server wants a key. */
  readonly canAsk: boolean
  /** Of one request; undefined while it is not known. */
  readonly maxBodyBytes: number | undefined
  /** What is asked about a picture now; undefined while that is not known or not complete. */
  readonly askedOf: (picture: Picture) => Asked | undefined
  /** Told the code of a problem that postpones a picture. */
  readonly onPostponed: (code: string) => void
  readonly onUnreachable: () => void
}

export interface Visit {
  readonly session: Session
  readonly history: HistoryState
  readonly dispatch: (event: SessionEvent) => void
  /**
   * Asked about at once, or as soon as the page knows what can be asked.
   * @returns when they are on the page.
   */
  readonly add: (files: readonly NamedFile[]) => Promise<void>
  readonly ask: (picture: Picture) => void
  readonly stop: (id: number) => void
  readonly remove: (id: number) => void
  /** Everything, the history included. */
  readonly clear: () => void
}

export function useVisit(options: VisitOptions): Visit {
  const { server, isKnown, canAsk, maxBodyBytes, askedOf, onPostponed, onUnreachable } = options
  const [session, dispatch] = useReducer(reduceSession, EMPTY_SESSION)
  const restore = useCallback(
    (pictures: readonly Picture[]) => dispatch({ type: 'restored', pictures }),
    [],
  )
  const history = useHistory(session.pictures, restore)
  const end = useAsking({
    server,
    session,
    dispatch,
    enabled: canAsk,
    maxBodyBytes,
    onPostponed,
    onUnreachable,
  })

  const ask = (picture: Picture): void => {
    const asked = askedOf(picture)
    if (asked === undefined) return
    end(picture.id)
    dispatch({ type: 'asked', id: picture.id, ...asked })
  }
  const fresh = useRef(new Set<number>())
  useEffect(() => {
    if (!isKnown) return
    for (const each of session.pictures.filter(({ id }) => fresh.current.delete(id))) ask(each)
  })
  const add = useCallback(async (files: readonly NamedFile[]): Promise<void> => {
    const pictures = files.map((each) => ({
      ...each,
      id: nextPictureId(),
      url: URL.createObjectURL(each.file),
    }))
    const [first, ...others] = pictures
    if (first === undefined) return
    // It is the one that is shown; the others are measured when they are looked at.
    const size = await measurePicture(first.url)
    for (const { id } of pictures) fresh.current.add(id)
    const shown = size === undefined ? first : { ...first, size }
    dispatch({ type: 'added', pictures: [shown, ...others] })
  }, [])
  const leave = ({ id, url }: Picture): void => {
    end(id)
    URL.revokeObjectURL(url)
  }
  return {
    session,
    history: history.state,
    dispatch,
    add,
    ask,
    stop: (id) => {
      end(id)
      dispatch({ type: 'stopped', id })
    },
    remove: (id) => {
      session.pictures.filter((each) => each.id === id).forEach(leave)
      dispatch({ type: 'removed', id })
    },
    clear: () => {
      session.pictures.forEach(leave)
      dispatch({ type: 'cleared' })
      history.clear()
    },
  }
}
