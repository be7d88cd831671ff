// How long the event loop stands still while some work goes on.
import { existsSync, readFileSync } from 'node:fs'

/** What this thread has spent on a core, in nanoseconds, is its first number (Linux). */
const SCHEDULE = '/proc/thread-self/schedstat'

/** A machine that is busy with others stretches every turn; only Linux tells by how much. */
function nowMs(): number {
  if (!existsSync(SCHEDULE)) return performance.now()
  return Number(readFileSync(SCHEDULE, 'utf8').split(' ', 1)[0]) / 1e6
}

/** Milliseconds of the longest turn of this thread's event loop, by the time that it computed. */
export async function longestHold(work: () => Promise<void>): Promise<number> {
  let longest = 0
  let last = nowMs()
  const state = { goesOn: true }
  const tick = (): void => {
    const now = nowMs()
    longest = Math.max(longest, now - last)
    last = now
    if (state.goesOn) setImmediate(tick)
  }
  setImmediate(tick)
  await work()
  state.goesOn = false
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  return longest
}
