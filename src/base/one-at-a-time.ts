// Work that must not overlap: each waits for what was asked before it, however that ended.

/** @returns what the work returns, or throws. */
export type OneAtATime = <T>(work: () => Promise<T>) => Promise<T>

/** A line of its own: what is given to one does not wait for what was given to another. */
export function createOneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve()
  return async (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => undefined)
    return mine
  }
}
