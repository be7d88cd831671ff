// Asks the server about the pictures that wait, one after the other, and tells the session how it goes.
import { useCallback, useEffect, useRef } from 'preact/hooks'
import { type Problem, toProblem } from '../server/problem.ts'
import type { Server } from '../server/server.ts'
import { assertFits } from './request-size.ts'
import { nextToAsk, type Session, type SessionEvent } from './session.ts'

/** Problems that are the server's state, not the question's: the picture keeps its turn. */
const POSTPONING = ['unauthorized', 'model_loading']

/**
 * How often a picture is asked about once more after the connection broke in the middle. Bounded,
 * because it may be this picture at which the server, or what stands before it, breaks off.
 */
const MOST_RETURNS = 2

export interface AskingOptions {
  readonly server: Server
  readonly session: Session
  readonly dispatch: (event: SessionEvent) => void
  /** False while the model is loaded or the server wants a key. */
  readonly enabled: boolean
  /** Of one request; undefined while it is not known. */
  readonly maxBodyBytes: number | undefined
  /** Told the code of a problem that postpones a picture. */
  readonly onPostponed: (code: string) => void
  readonly onUnreachable: () => void
}

/** @returns a function that ends what is being asked about a picture. */
export function useAsking(options: AskingOptions): (id: number) => void {
  const { server, session, dispatch, enabled, maxBodyBytes, onPostponed, onUnreachable } = options
  const running = useRef(new Map<number, AbortController>())
  const returns = useRef(new Map<number, number>())
  const next = enabled ? nextToAsk(session) : undefined

  useEffect(() => {
    if (next?.progress.kind !== 'waiting') return
    const { id } = next
    const { questions, settings } = next.progress
    const controller = new AbortController()
    const { signal } = controller
    running.current.set(id, controller)
    dispatch({ type: 'started', id })
    const onText = (index: number, text: string): void => {
      if (!signal.aborted) dispatch({ type: 'text', id, index, text })
    }
    const ask = async (): Promise<void> => {
      try {
        assertFits(next.file, maxBodyBytes)
        const answer = await server.ask(next, questions, settings, { signal, onText })
        returns.current.delete(id)
        if (!signal.aborted) dispatch({ type: 'answered', id, answer })
      } catch (error) {
        if (!signal.aborted) fail(toProblem(error))
      }
    }
    const fail = (problem: Problem): void => {
      if (POSTPONING.includes(problem.code)) {
        // First, so that nothing asks again before the page knows better.
        onPostponed(problem.code)
        dispatch({ type: 'postponed', id })
        return
      }
      const isUnreachable = problem.code === 'unreachable'
      if (isUnreachable) onUnreachable()
      const returned = returns.current.get(id) ?? 0
      if (isUnreachable && returned < MOST_RETURNS) {
        returns.current.set(id, returned + 1)
        dispatch({ type: 'postponed', id })
      } else {
        returns.current.delete(id)
        dispatch({ type: 'failed', id, problem })
      }
    }
    void ask()
    // Nothing to clean up: a request outlives the render that started it, until `stop`.
  }, [next, server, dispatch, maxBodyBytes, onPostponed, onUnreachable])

  return useCallback((id: number) => {
    running.current.get(id)?.abort()
    running.current.delete(id)
  }, [])
}
