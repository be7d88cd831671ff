// One request of a connection at a time.
//
// A client may send requests before it has read the answers to earlier ones (RFC 9112, section 9.3.2).
// Node hands all that came in one piece to the application at once: a thousand of them, with their
// answers, for 60 kB. Here each waits until the answer before it has been handed to the system, so a
// client that does not read has one answer in memory, whatever it asks for.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createPacer } from '../../base/pacer.ts'

/** Clients that pipeline at all send some ten requests ahead; Node pays for each that is given up. */
const MAX_WAITING_OF_CONNECTION = 16

/** Requests that were sent ahead, in a turn of the event loop: those who wait for answers go before. */
const AHEAD_IN_TURN = 4

/** Each costs some 4 kB with its headers. No browser and no SDK pipelines. */
const MAX_WAITING_IN_ALL = 1024

export type Handle = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/**
 * @param handle called for the next request of a connection when the one before it is answered.
 * @returns a listener for `request` events. A connection on which too many wait is ended: an answer
 *   could not be sent before those that it waits for.
 */
export function createPipelines(handle: Handle): Handle {
  const lines = new Map<Socket, Line>()
  const pace = createPacer(AHEAD_IN_TURN)
  let waitingInAll = 0

  const lineOf = (socket: Socket): Line => {
    const known = lines.get(socket)
    if (known !== undefined) return known
    const line: Line = { busy: false, waiting: [] }
    lines.set(socket, line)
    socket.once('close', () => {
      lines.delete(socket)
      waitingInAll -= line.waiting.splice(0).length
    })
    return line
  }

  const begin = (line: Line, [incoming, outgoing]: Exchange) => {
    line.busy = true
    outgoing.once('close', () => {
      line.busy = false
      // With its socket gone, the others of its line are nobody's.
      const next = incoming.socket.destroyed ? undefined : line.waiting.shift()
      if (next === undefined) return
      waitingInAll -= 1
      line.busy = true
      void beginInTurn(line, next)
    })
    handle(incoming, outgoing)
  }

  const beginInTurn = async (line: Line, next: Exchange) => {
    await pace()
    if (!next[0].socket.destroyed) begin(line, next)
  }

  return (incoming, outgoing) => {
    const { socket } = incoming
    // What came in the same piece as the request that was one too many.
    if (socket.destroyed) return
    const line = lineOf(socket)
    if (!line.busy) begin(line, [incoming, outgoing])
    else if (
      line.waiting.length >= MAX_WAITING_OF_CONNECTION ||
      waitingInAll >= MAX_WAITING_IN_ALL
    ) {
      socket.destroy()
    } else {
      line.waiting.push([incoming, outgoing])
      waitingInAll += 1
    }
  }
}

type Exchange = readonly [IncomingMessage, ServerResponse]

interface Line {
  /** Whether a request of it is being handled. */
  busy: boolean
  readonly waiting: Exchange[]
}
