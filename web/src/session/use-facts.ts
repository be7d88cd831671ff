// What the server is: its model and its tasks. They are behind the API key, where there is one, and
// the model tells its details only when it is loaded.
import { useCallback, useEffect, useState } from 'preact/hooks'
import { type Problem, toProblem } from '../server/problem.ts'
import type { Server } from '../server/server.ts'
import type { Status, TaskList } from '../server/wire.ts'

export type Facts =
  | { readonly kind: 'loading' }
  | { readonly kind: 'known'; readonly status: Status; readonly tasks: TaskList }
  /** The server wants a key, or another one. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'failed'; readonly problem: Problem }

export interface UsedFacts {
  readonly facts: Facts
  /** Asks again, with the key that is kept now. */
  readonly reload: () => void
  /** The key was refused meanwhile. */
  readonly lock: () => void
}

/** @param isReady asks again when it changes. */
export function useFacts(server: Server, isReady: boolean): UsedFacts {
  const [facts, setFacts] = useState<Facts>({ kind: 'loading' })
  const [round, setRound] = useState(0)

  useEffect(() => {
    let stopped = false
    const look = async (): Promise<void> => {
      const found = await askFacts(server)
      if (stopped) return
      // A server that is away for a moment is still the same: the tasks stay on the page.
      setFacts((before) => (found.kind === 'failed' && before.kind === 'known' ? before : found))
    }
    void look()
    return () => {
      stopped = true
    }
  }, [server, isReady, round])

  const reload = useCallback(() => setRound((before) => before + 1), [])
  const lock = useCallback(() => setFacts({ kind: 'locked' }), [])
  return { facts, reload, lock }
}

async function askFacts(server: Server): Promise<Facts> {
  try {
    const [status, tasks] = await Promise.all([server.status(), server.tasks()])
    return { kind: 'known', status, tasks }
  } catch (error) {
    const problem = toProblem(error)
    return problem.code === 'unauthorized' ? { kind: 'locked' } : { kind: 'failed', problem }
  }
}
