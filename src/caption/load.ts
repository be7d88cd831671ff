// How much of a server its requests take, and how many servers they would need.
//
// Requests that run at the same time share what the machine computes, so the time that one of them
// takes says little: four at once take four times as long each. Here each is charged its share, as in
// processor sharing: while n run on a machine that is fully busy, each uses 1/n of a second a second.

/** Over which time the load is averaged: servers that come and go within it would do more harm than good. */
const BUSY_AVERAGE_MS = 60_000
/** Of the moving average of service times, the share that the newest answer has. */
const NEWEST_SHARE = 0.2
/** What an answer is taken to need before one was measured: the base model on two cores. */
const FIRST_GUESS_MS = 2_000

/** The load at which waits are still short; see docs/guide/capacity.md. */
export const TARGET_LOAD = 0.75
/** In which time the servers together should have answered what waits. */
const TARGET_QUEUE_MS = 30_000

export interface LoadMeter {
  /** A request begins to compute. @returns to be called when it has ended, with whether it was answered */
  begin(): (answered: boolean) => void
  /** Milliseconds of the whole machine that one answer needs, as the last ones did. */
  readonly serviceMs: number
  /**
   * This server's part of the number of servers that the load asks for; the sum over all servers is that
   * number. `(busy + waiting * service time / 30 s) / 0.75`.
   *
   * @param waiting requests that wait for this server
   */
  desiredReplicas(waiting: number): number
}

/** @param engines requests that the machine computes side by side, each with threads of its own */
export function createLoadMeter(engines: number, now = (): number => performance.now()): LoadMeter {
  let running = 0
  let busy = 0
  /** Milliseconds of the machine that each of the requests which ran all the time has used. */
  let used = 0
  let serviceMs: number | undefined
  let at = now()

  function advance(): void {
    const time = now()
    const elapsed = Math.max(0, time - at)
    at = time
    const level = Math.min(1, running / engines)
    busy = level + (busy - level) * Math.exp(-elapsed / BUSY_AVERAGE_MS)
    if (running > 0) used += (elapsed * level) / running
  }

  return {
    begin() {
      advance()
      running += 1
      const before = used
      return (answered) => {
        advance()
        running -= 1
        // Failures say nothing about how long answers take.
        if (!answered) return
        const ms = used - before
        serviceMs = serviceMs === undefined ? ms : serviceMs + NEWEST_SHARE * (ms - serviceMs)
      }
    },
    get serviceMs() {
      return serviceMs ?? FIRST_GUESS_MS
    },
    desiredReplicas(waiting) {
      advance()
      const queue = (waiting * (serviceMs ?? FIRST_GUESS_MS)) / TARGET_QUEUE_MS
      return (busy + queue) / TARGET_LOAD
    },
  }
}
