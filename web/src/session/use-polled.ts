// Something of the server's that changes by itself, asked for again and again while it is shown.
import { useCallback, useEffect, useState } from 'preact/hooks'
import { type Problem, toProblem } from '../server/problem.ts'

export interface Polled<T> {
  /** The last one that came; undefined before the first. */
  readonly value: T | undefined
  /** Why the last question was not answered; the one after may be. */
  readonly problem: Problem | undefined
  /** Takes what an answer to something else has said. */
  readonly set: (value: T) => void
  /** Shows why something that was asked for is not done. */
  readonly fail: (thrown: unknown) => void
}

/** @param ask the same function as long as the same is asked. @param ms between two questions. */
export function usePolled<T>(ask: () => Promise<T>, ms: number): Polled<T> {
  const [value, setValue] = useState<T>()
  const [problem, setProblem] = useState<Problem>()
  const [refusal, setRefusal] = useState<Problem>()
  useEffect(() => {
    let stopped = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      try {
        const found = await ask()
        if (stopped) return
        setValue(found)
        setProblem(undefined)
      } catch (error) {
        if (stopped) return
        setProblem(toProblem(error))
      }
      timer = setTimeout(() => void look(), ms)
    }
    void look()
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }, [ask, ms])
  const set = useCallback((next: T) => {
    setRefusal(undefined)
    setValue(next)
  }, [])
  const fail = useCallback((thrown: unknown) => setRefusal(toProblem(thrown)), [])
  return { value, problem: refusal ?? problem, set, fail }
}
