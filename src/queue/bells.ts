// Who waits for the end of something listens before it begins: an end that comes at once is heard as well.
import { setTimeout } from 'node:timers/promises'
import { withAnySignal } from '../base/with-any-signal.ts'

export interface Bells {
  /** Wakes who listens to this name, now or when it next waits. */
  readonly ring: (name: string) => void
  listen(name: string): Bell
}

export interface Bell {
  /**
   * Resolves when it has rung since the last wait, or after `milliseconds`.
   * @throws the reason of `signal`
   */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
  /** Listens no more. */
  close(): void
}

export function createBells(): Bells {
  const listeners = new Map<string, Set<() => void>>()
  return {
    ring(name) {
      for (const hear of listeners.get(name) ?? []) hear()
    },
    listen(name) {
      let rung = false
      let wake: (() => void) | undefined
      const hear = (): void => {
        rung = true
        wake?.()
      }
      const others = listeners.get(name) ?? new Set()
      listeners.set(name, others.add(hear))
      return {
        async wait(milliseconds, signal) {
          signal.throwIfAborted()
          if (!rung) await sleep(milliseconds, signal, (wakeUp) => (wake = wakeUp))
          rung = false
          signal.throwIfAborted()
        },
        close() {
          others.delete(hear)
          if (others.size === 0) listeners.delete(name)
        },
      }
    },
  }
}

/** Ends early by what `onSleep` is given, and by `signal`. */
async function sleep(
  milliseconds: number,
  signal: AbortSignal,
  onSleep: (wakeUp: () => void) => void,
): Promise<void> {
  const done = new AbortController()
  const wakeUp = (): void => done.abort()
  onSleep(wakeUp)
  await withAnySignal([signal, done.signal], async (either) =>
    setTimeout(milliseconds, undefined, { signal: either }),
  ).catch(() => undefined)
}
