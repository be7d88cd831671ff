// Stop texts: an answer ends before the first of them.

/** The text before the earliest stop text, or null when none occurs. */
export function cutAtStop(text: string, stops: readonly string[]): string | null {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
  return found.length === 0 ? null : text.slice(0, Math.min(...found))
}

export interface StopFilter {
  /** Lets text through as far as it cannot be the beginning of a stop text. */
  push(text: string): string
  /** What was held back, once no more text comes. */
  end(): string
  /** True when a stop text has appeared: nothing passes any more. */
  readonly stopped: boolean
}

export function createStopFilter(stops: readonly string[]): StopFilter {
  /** A stop text may be one character short of complete. */
  const reach = Math.max(0, ...stops.map((stop) => stop.length - 1))
  let held = ''
  let stopped = false

  return {
    get stopped() {
      return stopped
    },
    push(text) {
      if (stopped) return ''
      held += text
      const cut = cutAtStop(held, stops)
      if (cut !== null) {
        stopped = true
        held = ''
        return cut
      }
      const free = Math.max(0, held.length - reach)
      const passed = held.slice(0, free)
      held = held.slice(free)
      return passed
    },
    end() {
      const rest = held
      held = ''
      return rest
    },
  }
}
