// Keeps Node's thread pool going where the C library may let it fall asleep.
//
// Files are read on libuv's threads, which wait on a condition variable. In glibc before 2.41 a wake-up
// of one can be lost (glibc bug 25847): the request lies in the queue, every thread sleeps, and a
// program that waits for just this file waits for ever. Seen with Node 20 on glibc 2.36: `flocap
// caption` stood still until another file request woke a thread, which then did both.
import { stat } from 'node:fs'

/** How long a lost wake-up may last; one request a second costs nothing. */
const NUDGE_MS = 1000

/** Sends a request through the pool every second. Does not keep the process alive. */
export function keepThreadPoolAwake(nudgeMs: number = NUDGE_MS): () => void {
  const timer = setInterval(() => {
    stat('/', () => undefined)
  }, nudgeMs)
  timer.unref()
  return () => clearInterval(timer)
}
