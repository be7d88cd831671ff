// The sockets of a server: how many, and which of them have a request in progress.
//
// When all places are taken, whoever has been idle for longest makes room: otherwise a few hundred
// sockets that say nothing would keep everybody out. A closing server ends the idle ones at once;
// Node's closeIdleConnections() leaves out sockets that never sent a request and those that become
// idle later, and browsers and SDKs hold both kinds open.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export interface Connections {
  watch(server: Server): void
  /** From now on a socket ends as soon as it has no request in progress. */
  endWhenIdle(): void
}

/** @param max sockets of all servers that are watched. */
export function createConnections(max: number): Connections {
  /** Requests in progress by socket, the socket that was used last at the end. */
  const requests = new Map<Socket, number>()
  let ending = false

  const count = (socket: Socket, change: number) => {
    const before = requests.get(socket)
    const left = (before ?? 0) + change
    if (before !== undefined) {
      requests.delete(socket)
      requests.set(socket, left)
    }
    if (ending && left === 0) socket.destroySoon()
  }

  /** @returns whether there is a place now. */
  const makeRoom = (): boolean => {
    if (requests.size < max) return true
    for (const [socket, inProgress] of requests) {
      if (inProgress > 0) continue
      requests.delete(socket)
      socket.destroy()
      return true
    }
    return false
  }

  return {
    watch(server) {
      server.on('connection', (socket) => {
        if (!makeRoom()) {
          socket.destroy()
          return
        }
        requests.set(socket, 0)
        socket.once('close', () => requests.delete(socket))
      })
      server.on('request', (incoming, outgoing) => {
        const { socket } = incoming
        count(socket, 1)
        outgoing.once('close', () => count(socket, -1))
      })
    },
    endWhenIdle() {
      ending = true
      for (const [socket, inProgress] of requests) {
        if (inProgress === 0) socket.destroySoon()
      }
    },
  }
}
