// The sockets of a server: how many, and which of them have a request in progress.
//
// When all places are taken, whoever has been idle for longest makes room: otherwise a few hundred
// sockets that say nothing would keep everybody out. Where nobody is idle, a newcomer is let in for
// long enough to be told to come back. A closing server ends the idle ones at once; Node's
// closeIdleConnections() leaves out sockets that never sent a request and those that become idle
// later, and browsers and SDKs hold both kinds open.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export interface Connections {
  watch(server: Server): void
  /** Whether the request that came on a socket has to be refused: it has no place, and still gets none. */
  refuses(socket: Socket): boolean
  /** From now on a socket ends as soon as it has no request in progress. */
  endWhenIdle(): void
}

/** A socket that is younger may have sent its request already: a busy server has not read it yet. */
const IDLE_GRACE_MS = 1_000

/** A quarter of the default places. Beyond these the oldest of them is closed without a word. */
const MAX_BEYOND_LIMIT = 256

/** Time to send the request that is then refused: a picture over a slow link. */
const BEYOND_LIMIT_MS = 5_000

interface Use {
  /** Requests in progress. */
  inProgress: number
  /** Since when there are so many. */
  since: number
}

/** @param max sockets of all servers that are watched. */
export function createConnections(max: number): Connections {
  /** The socket that was used last is at the end. */
  const uses = new Map<Socket, Use>()
  /** Oldest first, each with the timer that ends it. */
  const beyondLimit = new Map<Socket, NodeJS.Timeout>()
  let ending = false

  const count = (socket: Socket, change: number) => {
    const before = uses.get(socket)
    const inProgress = (before?.inProgress ?? 0) + change
    if (before !== undefined) {
      uses.delete(socket)
      uses.set(socket, { inProgress, since: performance.now() })
    }
    if (ending && inProgress === 0) socket.destroySoon()
  }

  /** @returns whether there is a place now. */
  const makeRoom = (): boolean => {
    if (uses.size < max) return true
    for (const [socket, { inProgress, since }] of uses) {
      if (inProgress > 0) continue
      // All others that are idle have been so for less.
      if (performance.now() - since < IDLE_GRACE_MS) return false
      uses.delete(socket)
      socket.destroy()
      return true
    }
    return false
  }

  const admit = (socket: Socket) => {
    uses.set(socket, { inProgress: 0, since: performance.now() })
    socket.once('close', () => uses.delete(socket))
  }

  const leaveBeyondLimit = (socket: Socket) => {
    clearTimeout(beyondLimit.get(socket))
    beyondLimit.delete(socket)
  }

  const admitBeyondLimit = (socket: Socket) => {
    const [oldest] = beyondLimit.keys()
    if (oldest !== undefined && beyondLimit.size >= MAX_BEYOND_LIMIT) {
      leaveBeyondLimit(oldest)
      oldest.destroy()
    }
    beyondLimit.set(
      socket,
      setTimeout(() => socket.destroy(), BEYOND_LIMIT_MS),
    )
    socket.once('close', () => leaveBeyondLimit(socket))
  }

  return {
    watch(server) {
      server.on('connection', (socket) => {
        if (makeRoom()) admit(socket)
        else admitBeyondLimit(socket)
      })
      server.on('request', (incoming, outgoing) => {
        const { socket } = incoming
        count(socket, 1)
        outgoing.once('close', () => count(socket, -1))
      })
    },
    refuses(socket) {
      if (!beyondLimit.has(socket)) return false
      if (!makeRoom()) return true
      leaveBeyondLimit(socket)
      admit(socket)
      return false
    },
    endWhenIdle() {
      ending = true
      for (const [socket, { inProgress }] of uses) {
        if (inProgress === 0) socket.destroySoon()
      }
    },
  }
}
