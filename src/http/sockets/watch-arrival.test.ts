import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { portOf } from '../../../test/support/port-of.ts'
import { watchArrival } from './watch-arrival.ts'

const LIMITS = { wholeMs: 400, windowMs: 400, windowBytes: 4_000 }

/** @param pieces of the body, sent one after the other. @returns what became of the request */
async function send(
  path: string,
  pieces: number,
  { bytes, pauseMs }: { readonly bytes: number; readonly pauseMs: number },
): Promise<'arrived' | 'late'> {
  const server = createServer({ requestTimeout: 0 })
  const fate = new Promise<'arrived' | 'late'>((resolve) => {
    server.on('request', (incoming: IncomingMessage) => {
      watchArrival(incoming, LIMITS, () => resolve('late'))
      incoming.resume().on('end', () => resolve('arrived'))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect(portOf(server), '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => {
    socket.destroy()
    server.close()
  })
  socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: ${pieces * bytes}\r\n\r\n`)
  const over = fate.then(() => true)
  for (let sent = 0; sent < pieces; sent += 1) {
    socket.write(Buffer.alloc(bytes))
    if (await Promise.race([over, sleep(pauseMs, false)])) break
  }
  return fate
}

describe('a request that takes its time', () => {
  it('is late when it has not arrived as a whole', async () => {
    expect(await send('/v1/chat/completions', 100, { bytes: 2_000, pauseMs: 20 })).toBe('late')
  })

  it('may be an upload that goes on for long', async () => {
    // Far more than asked for, however busy the machine is, and for several windows.
    expect(await send('/v1/files', 80, { bytes: 64_000, pauseMs: 20 })).toBe('arrived')
    expect(await send('/base/v1/files?x=1', 30, { bytes: 64_000, pauseMs: 20 })).toBe('arrived')
  })

  it('is late as an upload that trickles', async () => {
    expect(await send('/v1/files', 100, { bytes: 10, pauseMs: 20 })).toBe('late')
    // What only looks like an upload.
    expect(await send('/v1/filesystem', 100, { bytes: 64_000, pauseMs: 20 })).toBe('late')
  })

  it('is no longer watched when it is there', async () => {
    expect(await send('/v1/files', 1, { bytes: 1, pauseMs: 0 })).toBe('arrived')
  })
})
