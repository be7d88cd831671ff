// Mutual exclusion between asynchronous tasks, first come first served.

export interface Lock {
  /** Runs `work` when everybody who came before is done. */
  run<T>(work: () => Promise<T>): Promise<T>
}

export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve()
  return {
    async run(work) {
      const before = last
      const turn = before.then(work, work)
      // The next in line waits for the end of this turn, whether it succeeds or not.
      last = turn.catch(() => undefined)
      return turn
    },
  }
}
