// What an agent's user sees while a call runs: the place in the queue, then the words so far.
import type { ServerContext } from '@modelcontextprotocol/server'

/** Words come many times a second; people read slower, and each message is a write to the client. */
const LEAST_PAUSE_MS = 150
/** A line, not a page: clients show it beside a spinner. */
const MAX_CHARACTERS = 300

/** @param message said at once where `urgent`, otherwise at most every `LEAST_PAUSE_MS`. */
export type TellProgress = (message: string, urgent?: boolean) => void

/** Nothing is told to a client that has not asked for it. */
export function createProgress({ mcpReq }: ServerContext): TellProgress {
  // oxlint-disable-next-line no-underscore-dangle -- the name in the protocol
  const progressToken = mcpReq._meta?.progressToken
  if (progressToken === undefined) return () => undefined
  let progress = 0
  let last = -LEAST_PAUSE_MS
  return (message, urgent = false) => {
    const now = performance.now()
    if (mcpReq.signal.aborted || (!urgent && now - last < LEAST_PAUSE_MS)) return
    last = now
    progress += 1
    mcpReq
      .notify({
        method: 'notifications/progress',
        params: { progressToken, progress, message: ending(message) },
      })
      // A client that has gone is noticed by the signal.
      .catch(() => undefined)
  }
}

function ending(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : `… ${text.slice(-MAX_CHARACTERS)}`
}
