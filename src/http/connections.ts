// Which sockets have a request in progress, so that a closing server can end all others at once.
//
// Node's closeIdleConnections() leaves out sockets that never sent a request and those that become
// idle later; browsers and SDKs hold both kinds open.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export interface Connections {
  watch(server: Server): void
  /** From now on a socket ends as soon as it has no request in progress. */
  endWhenIdle(): void
}

export function createConnections(): Connections {
  const requests = new Map<Socket, number>()
  let ending = false

  const count = (socket: Socket, change: number) => {
    const left = (requests.get(socket) ?? 0) + change
    if (requests.has(socket)) requests.set(socket, left)
    if (ending && left === 0) socket.destroySoon()
  }

  return {
    watch(server) {
      server.on('connection', (socket) => {
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
