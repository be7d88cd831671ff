// At most so many at a time, first come first served.

export interface Semaphore {
  /** Runs `work` when one of the places is free. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** Takes a place when one is free. @returns gives it back; to be called once. */
  take(): Promise<() => void>
}

export function createSemaphore(places: number): Semaphore {
  const waiting: (() => void)[] = []
  let free = places

  function giveBack(): void {
    const next = waiting.shift()
    // The place is handed over, so nobody who comes meanwhile can take it.
    if (next) next()
    else free += 1
  }

  async function take(): Promise<() => void> {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    return giveBack
  }

  return {
    take,
    async run(work) {
      await take()
      try {
        return await work()
      } finally {
        giveBack()
      }
    },
  }
}
