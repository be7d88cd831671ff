// Whom a connection waits for, and since when.
//
// A connection that waits for us is ours to answer. One that waits for its client, to send or to read,
// holds a place, and maybe memory, for as long as the client likes.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

export type Wait = 'idle' | 'receiving' | 'sending' | 'ours'

/** What a connection moves before it counts as advanced: a byte now and then is no progress. */
const LEAST_BYTES = 8 * 1024

export interface Progress {
  /** The request that is being handled; undefined when it is answered. */
  handle(incoming: IncomingMessage | undefined): void
  readonly wait: Wait
  /**
   * Milliseconds for which the client has kept us waiting, as of now; 0 where it does not. Accurate to
   * how often it is asked.
   */
  quietMs(): number
}

export function createProgress(socket: Socket): Progress {
  let handled: IncomingMessage | undefined
  let before: Wait = 'idle'
  let mark = 0
  let markedAt = performance.now()

  const waitOf = (): Wait => {
    // First: an answer may be there before its request has come to its end.
    if (socket.writableLength > 0) return 'sending'
    if (handled === undefined) return 'idle'
    return handled.complete ? 'ours' : 'receiving'
  }

  return {
    handle(incoming) {
      handled = incoming
    },
    get wait() {
      return waitOf()
    },
    quietMs() {
      const wait = waitOf()
      const now = performance.now()
      // The bytes that the system has taken, not those that wait for it.
      const moved =
        wait === 'sending' ? socket.bytesWritten - socket.writableLength : socket.bytesRead
      if (wait !== before || moved - mark >= LEAST_BYTES || wait === 'ours') {
        before = wait
        mark = moved
        markedAt = now
      }
      return now - markedAt
    },
  }
}
