// Notices that an engine process lives and does nothing: stopped, swapped out, or in an endless loop.
//
// Engines give a sign of life every second except while a graph runs. Silence is counted in small
// steps, so that a machine that slept for a night does not find its engine silent for hours.

export interface Watchdog {
  /** There was a sign of life. */
  reset(): void
  stop(): void
}

/** How often silence is measured; a fraction of the limits that make sense. */
const TICK_MS = 500

/**
 * @param limit milliseconds of silence that are allowed at the moment.
 * @param onSilence called once, when there was more.
 */
export function startWatchdog(limit: () => number, onSilence: (ms: number) => void): Watchdog {
  let silent = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    silent += Math.min(now - last, 2 * TICK_MS)
    last = now
    if (silent <= limit()) return
    clearInterval(timer)
    onSilence(silent)
  }, TICK_MS)
  // A server that has nothing else to do may end.
  timer.unref()
  return {
    reset() {
      silent = 0
    },
    stop: () => clearInterval(timer),
  }
}
