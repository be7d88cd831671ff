// Lets work through together, or one piece alone: how a request that may have killed an engine is
// tried again without taking others with it.

export interface Gate {
  /** Runs `work` beside other such work. */
  together<T>(work: () => Promise<T>): Promise<T>
  /** Runs `work` when nothing else runs; whatever comes meanwhile waits. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

type Start = () => void

export function createGate(): Gate {
  const waitingAlone: Start[] = []
  let waitingTogether: Start[] = []
  let running = 0
  let isAlone = false

  function next(): void {
    if (isAlone) return
    if (waitingAlone.length > 0) {
      if (running > 0) return
      isAlone = true
      waitingAlone.shift()?.()
      return
    }
    const starting = waitingTogether
    waitingTogether = []
    running += starting.length
    for (const start of starting) start()
  }

  return {
    async together(work) {
      await new Promise<void>((start) => {
        waitingTogether.push(start)
        next()
      })
      try {
        return await work()
      } finally {
        running -= 1
        next()
      }
    },
    async alone(work) {
      await new Promise<void>((start) => {
        waitingAlone.push(start)
        next()
      })
      try {
        return await work()
      } finally {
        isAlone = false
        next()
      }
    },
  }
}
