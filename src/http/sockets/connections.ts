// The sockets of a server: how many, and which of them wait for us and which for their clients.
//
// When all places are taken, whoever has been idle for longest makes room, then whoever has kept us
// waiting for longest in the middle of a request or an answer: otherwise a few hundred sockets that
// say or read nothing would keep everybody out. Where all wait for us, a newcomer is let in for long
// enough to be told to come back, or that the server is alive. Answers that nobody reads are given up.
// A closing server ends the idle ones at once; Node's closeIdleConnections() leaves out sockets that
// never sent a request and those that become idle later, and browsers and SDKs hold both kinds open.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { readInPortions } from './portions.ts'
import { createProgress, type Progress } from './progress.ts'

export interface ConnectionLimits {
  /** Sockets of all servers that are watched. */
  readonly maxConnections: number
  /** Milliseconds for which an answer may wait to be read. */
  readonly stalledAnswerMs: number
}

export interface Connections {
  watch(server: Server): void
  /** Whether the request that came on a socket has to be refused: it has no place, and still gets none. */
  refuses(socket: Socket): boolean
  /** A request is being handled until its answer is closed. */
  handle(incoming: IncomingMessage, outgoing: ServerResponse): void
  /**
   * From now on a socket ends as soon as it waits for its client: at once where nothing is in
   * progress, after a moment in the middle of a request or an answer.
   */
  end(): void
}

/** A socket that is younger may have sent its request already: a busy server has not read it yet. */
const IDLE_GRACE_MS = 1_000

/** In the middle of a request or an answer, a network may pause for a moment. */
const QUIET_GRACE_MS = 2_000

/** A quarter of the default places. Beyond these the oldest of them is closed without a word. */
const MAX_BEYOND_LIMIT = 256

/** Time to send the request that is then refused: a picture over a slow link. */
const BEYOND_LIMIT_MS = 5_000

/** How often it is looked for sockets that have kept us waiting. */
const SWEEP_MS = 500

/** Bytes of answers of all sockets that wait to be read; an answer is rarely more than 100 kB. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024

interface Place {
  /** Requests that have come and are not answered. */
  inProgress: number
  /** Since when there are so many. */
  since: number
  readonly progress: Progress
}

export function createConnections({
  maxConnections,
  stalledAnswerMs,
}: ConnectionLimits): Connections {
  /** The socket that was used last is at the end. */
  const places = new Map<Socket, Place>()
  /** Oldest first, each with the timer that ends it. */
  const beyondLimit = new Map<Socket, NodeJS.Timeout>()
  let ending = false
  let sweeping: NodeJS.Timeout | undefined

  const count = (socket: Socket, change: number) => {
    const place = places.get(socket)
    if (place !== undefined) {
      place.inProgress += change
      place.since = performance.now()
      places.delete(socket)
      places.set(socket, place)
    }
    if (ending && (place?.inProgress ?? 0) === 0) socket.destroySoon()
  }

  const drop = (socket: Socket) => {
    places.delete(socket)
    socket.destroy()
  }

  const findIdle = (): Socket | undefined => {
    for (const [socket, { inProgress, since }] of places) {
      if (inProgress > 0) continue
      // All others that are idle have been so for less.
      return performance.now() - since < IDLE_GRACE_MS ? undefined : socket
    }
    return undefined
  }

  const findQuiet = (): Socket | undefined => {
    let longest = QUIET_GRACE_MS
    let quiet: Socket | undefined
    for (const [socket, { inProgress, progress }] of places) {
      const ms = inProgress === 0 ? 0 : progress.quietMs()
      if (ms > longest) [longest, quiet] = [ms, socket]
    }
    return quiet
  }

  /** @returns whether there is a place now. */
  const makeRoom = (): boolean => {
    if (places.size < maxConnections) return true
    const socket = findIdle() ?? findQuiet()
    if (socket !== undefined) drop(socket)
    return socket !== undefined
  }

  const admit = (socket: Socket) => {
    const progress = createProgress(socket)
    places.set(socket, { inProgress: 0, since: performance.now(), progress })
    sweeping ??= setInterval(sweep, SWEEP_MS).unref()
    socket.once('close', () => {
      places.delete(socket)
      if (places.size > 0) return
      clearInterval(sweeping)
      sweeping = undefined
    })
  }

  const sweep = () => {
    let unread = 0
    const stalled: { socket: Socket; quietMs: number }[] = []
    for (const [socket, { progress }] of places) {
      const quietMs = progress.quietMs()
      const { wait } = progress
      if (wait === 'sending' && quietMs >= stalledAnswerMs) drop(socket)
      else if (ending && wait !== 'ours' && quietMs >= QUIET_GRACE_MS) drop(socket)
      else if (wait === 'sending') {
        unread += socket.writableLength
        stalled.push({ socket, quietMs })
      }
    }
    stalled.sort((a, b) => b.quietMs - a.quietMs)
    for (const { socket } of stalled) {
      if (unread <= MAX_UNREAD_BYTES) break
      unread -= socket.writableLength
      drop(socket)
    }
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

  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { socket } = incoming
    count(socket, 1)
    outgoing.once('close', () => count(socket, -1))
  }

  return {
    watch(server) {
      server.on('connection', (socket) => {
        readInPortions(socket)
        if (makeRoom()) admit(socket)
        else admitBeyondLimit(socket)
      })
      server.on('request', onRequest)
      server.on('checkExpectation', onRequest)
    },
    refuses(socket) {
      if (!beyondLimit.has(socket)) return false
      if (!makeRoom()) return true
      leaveBeyondLimit(socket)
      admit(socket)
      return false
    },
    handle(incoming, outgoing) {
      const progress = places.get(incoming.socket)?.progress
      progress?.handle(incoming)
      outgoing.once('close', () => progress?.handle(undefined))
    },
    end() {
      ending = true
      for (const [socket, { inProgress }] of places) {
        if (inProgress === 0) socket.destroySoon()
      }
    },
  }
}
