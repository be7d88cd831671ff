// At most so many at a time, first come first served.

export interface Semaphore {
  /** Runs `work` when one of the places is free. */
  run<T>(work: () => Promise<T>): Promise<T>
}

export function createSemaphore(places: number): Semaphore {
  const waiting: (() => void)[] = []
  let free = places

  return {
    async run(work) {
      if (free > 0) free -= 1
      // The place is handed over, so nobody who comes meanwhile can take it.
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else free += 1
      }
    },
  }
}
