// A TCP proxy that does to connections what networks do: cuts them, swallows what is sent, says that one side
// has ended while the other believes that all is well.
import { createServer, connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { portOf } from './port-of.ts'

export interface TornWire {
  readonly port: number
  /** Resets all connections; new ones are taken. */
  cut(): void
  /** From now on nothing passes, on old connections and new ones, which stay open. */
  stall(direction?: Direction): void
  /** Closes all, and from now on each as soon as it is made: what is before a broker that is away does so. */
  slam(): void
  /** Those that were stalled are cut, since what was swallowed is lost; new ones work. */
  heal(): void
  /** Clients are told that the other side has sent its last byte; what they send is swallowed. */
  halfClose(): void
  /** Each answer comes so many milliseconds late. */
  slow(milliseconds: number): void
  close(): Promise<void>
}

/** What passes no more: what clients ask, what they are answered, or both. */
export type Direction = 'questions' | 'answers' | 'both'

interface Wire {
  readonly client: Socket
  readonly server: Socket
}

/** @param to a port of this machine */
async function startTornWire(to: number): Promise<TornWire> {
  const wires = new Set<Wire>()
  let stalled: Direction | undefined
  let isSlammed = false
  let delay = 0

  const passes = (what: Direction): boolean => stalled !== what && stalled !== 'both'
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    if (isSlammed) {
      client.destroy()
      return
    }
    const server = connect({ port: to, host: '127.0.0.1' })
    const wire = { client, server }
    wires.add(wire)
    const end = (): void => {
      wires.delete(wire)
      client.destroy()
      server.destroy()
    }
    const answer = (bytes: Buffer): void => {
      if (passes('answers') && client.writable) client.write(bytes)
    }
    client.on('error', end).on('close', end)
    server.on('error', end).on('close', end)
    client.on('data', (bytes) => {
      if (passes('questions') && wires.has(wire)) server.write(bytes)
    })
    server.on('data', (bytes) => {
      if (delay > 0) setTimeout(() => answer(bytes), delay)
      else answer(bytes)
    })
    client.on('end', () => server.end())
    server.on('end', () => client.end())
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')

  function cut(): void {
    for (const { client, server } of wires) {
      client.resetAndDestroy()
      server.destroy()
    }
  }

  return {
    port: portOf(proxy),
    cut,
    stall: (direction = 'both') => {
      stalled = direction
    },
    slam() {
      isSlammed = true
      cut()
    },
    heal() {
      stalled = undefined
      isSlammed = false
      cut()
    },
    halfClose() {
      for (const wire of wires) {
        wires.delete(wire)
        wire.client.end()
      }
    },
    slow(milliseconds) {
      delay = milliseconds
    },
    async close() {
      const closed = once(proxy, 'close')
      proxy.close()
      cut()
      await closed
    },
  }
}

/** Ended with the test. */
export async function tornWireForTest(to: number): Promise<TornWire> {
  const wire = await startTornWire(to)
  onTestFinished(() => wire.close())
  return wire
}
