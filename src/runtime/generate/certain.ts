// True streaming: which tokens are certain to begin the answer while the search still runs.
//
// The answer will be the best finished hypothesis or grow out of a beam that still runs. What all of
// these begin with is certain. Each step's beams and hypotheses grow out of those of the step
// before, so the certain tokens only ever become more and nothing is taken back.
import type { SearchHooks } from './plan.ts'

export interface CertainPrefix {
  /**
   * Narrows the answer down to the continuations of these sequences (ids from the start token on)
   * and reports what has become certain by it. After `isComplete` there is no more to report.
   */
  narrow(sequences: readonly (readonly number[])[]): void
  /** Certain ids, the start token included; once complete, exactly what the answer consists of. */
  length(): number
  /** True once `isComplete` said so of the certain tokens. */
  isComplete(): boolean
}

export interface CertainHooks {
  readonly onCertain?: SearchHooks['onCertain'] | undefined
  readonly isComplete?: SearchHooks['isComplete'] | undefined
}

/** @param promptLength ids that are given (the start token is one): never asked about */
export function createCertainPrefix(promptLength: number, hooks: CertainHooks): CertainPrefix {
  const tokens: number[] = []
  let complete = false

  return {
    narrow(sequences) {
      const [first] = sequences
      if (first === undefined || complete) return
      const known = tokens.length
      while (!complete) {
        const position = tokens.length + 1
        const token = first[position]
        if (token === undefined || sequences.some((ids) => ids[position] !== token)) break
        tokens.push(token)
        complete = position >= promptLength && hooks.isComplete?.([...tokens]) === true
      }
      if (tokens.length > known) hooks.onCertain?.(tokens.slice(known))
    },
    length: () => tokens.length + 1,
    isComplete: () => complete,
  }
}
