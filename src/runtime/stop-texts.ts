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

  /** Where before `end` a stop text begins of which the end has not come yet; `end` when nowhere. */
  function findOpen(end: number): number {
    for (let at = 0; at < end; at += 1) {
      const begun = held.slice(at)
      if (stops.some((stop) => stop !== begun && stop.startsWith(begun))) return at
    }
    return end
  }

  return {
    get stopped() {
      return stopped
    },
    push(text) {
      if (stopped) return ''
      held += text
      const cut = cutAtStop(held, stops)
      if (cut !== null) {
        const open = findOpen(cut.length)
        // A longer one that begins before may still be completed: it would be the first.
        stopped = open === cut.length
        const passed = held.slice(0, open)
        held = stopped ? '' : held.slice(open)
        return passed
      }
      const free = Math.max(0, held.length - reach)
      const passed = held.slice(0, free)
      held = held.slice(free)
      return passed
    },
    end() {
      const rest = cutAtStop(held, stops) ?? held
      held = ''
      return rest
    },
  }
}
