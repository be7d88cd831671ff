// Whose turn it is to compute. Every operator uses all threads, so only one slice of work runs at a
// time: a vision pass, a prefill, one decode step.
//
// Requests come in the order they arrived. One that has computed for longer than several captions need
// gives way to those that have not, so that a page of OCR does not hold everybody up; and no answer
// that has begun stands still for long, so that streams keep moving. Where answers share their steps
// (generate/shared-cache-decoder.ts) those join last: whoever has a picture to read comes first, and then
// all of them write together.

/** Compute time after which a request gives way to newer ones, and again after each such span. */
export const QUANTUM_MS = 2_000
/** An answer in progress gets a step after waiting this long, whoever else is there. */
export const MAX_STALL_MS = 250

/** What one request has used; made when it arrives. */
export interface Share {
  readonly arrival: number
  /** Milliseconds of compute so far. */
  used: number
}

export interface Turns {
  /** A new request. */
  join(): Share
  /** Work that comes behind that of all requests. */
  joinLast(): Share
  /**
   * Runs one slice of a request's work when it is its turn.
   *
   * @param begun whether the request's answer has begun; it may then not stand still.
   */
  run<T>(share: Share, begun: boolean, work: () => Promise<T>): Promise<T>
}

interface Waiting {
  readonly share: Share
  readonly begun: boolean
  readonly since: number
  readonly start: () => void
}

/** @param now milliseconds; tests pass a clock of their own. */
export function createTurns(now: () => number = () => performance.now()): Turns {
  const waiting: Waiting[] = []
  let busy = false
  let arrivals = 0

  function next(): void {
    if (busy || waiting.length === 0) return
    const chosen = choose(waiting, now())
    waiting.splice(waiting.indexOf(chosen), 1)
    busy = true
    chosen.start()
  }

  return {
    join() {
      arrivals += 1
      return { arrival: arrivals, used: 0 }
    },
    joinLast: () => ({ arrival: Infinity, used: Infinity }),
    async run(share, begun, work) {
      await new Promise<void>((start) => {
        waiting.push({ share, begun, since: now(), start })
        next()
      })
      const began = now()
      try {
        return await work()
      } finally {
        share.used += now() - began
        busy = false
        // After the caller had its chance to ask for its next slice.
        setImmediate(next)
      }
    },
  }
}

function choose(waiting: readonly Waiting[], time: number): Waiting {
  const stalled = waiting.filter(({ begun, since }) => begun && time - since > MAX_STALL_MS)
  if (stalled.length > 0) return stalled.reduce((a, b) => (b.since < a.since ? b : a))
  return waiting.reduce((a, b) => (comesBefore(b.share, a.share) ? b : a))
}

function comesBefore(a: Share, b: Share): boolean {
  const [levelA, levelB] = [Math.floor(a.used / QUANTUM_MS), Math.floor(b.used / QUANTUM_MS)]
  return levelA === levelB ? a.arrival < b.arrival : levelA < levelB
}
