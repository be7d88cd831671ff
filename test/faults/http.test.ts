// Clients that speak HTTP badly or on purpose slowly: none keeps others from being answered.
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askCaption, SCENES } from '../support/ask-server.ts'
import { type RunningServer, startServer } from '../support/program.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'
import { percentile, recordResult, share } from './record-result.ts'

/** As in src/http/server.ts: the head of a request has ten seconds; Node looks every 30. */
const HEAD_LIMIT_MS = 45_000
const HEALTHY_MS = 250

interface Wire {
  readonly socket: Socket
  readonly received: () => string
  readonly closed: Promise<void>
}

let server: RunningServer
const home = createFolder()
const numbers: Record<string, number | string> = {}

beforeAll(async () => {
  server = await startServer(['--max-body-mb', '4'], { environment: { FLOCAP_HOME: home } })
  await server.printed('Ready')
})

afterAll(async () => {
  await server.stop('SIGKILL')
  removeFolder(home)
  recordResult({
    name: 'http',
    done: 'slow heads, large heads, endless bodies, half-closed and idle connections',
    numbers,
  })
})

async function open(): Promise<Wire> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.url).port) })
  let received = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk
  })
  // A reset is one of the ways to refuse.
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve())
  })
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve)
    socket.once('close', () => resolve())
  })
  return { socket, received: () => received, closed }
}

async function expectHealthy(): Promise<void> {
  const times: number[] = []
  for (let turn = 0; turn < 20; turn += 1) {
    const began = performance.now()
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    times.push(performance.now() - began)
  }
  const p50 = percentile(times, 0.5)
  numbers['/health p50 (ms)'] = Math.max(Number(numbers['/health p50 (ms)'] ?? 0), p50)
  expect(p50).toBeLessThan(HEALTHY_MS)
  expect((await askCaption(server.url, SCENES[0]!)).status).toBe(200)
}

it('ends connections whose head never ends', async () => {
  const wires = await Promise.all(Array.from({ length: share(100) }, open))
  for (const { socket } of wires) socket.write('POST /api/caption HTTP/1.1\r\nHost: localhost\r\n')
  let ended = 0
  for (const { closed } of wires) void closed.then(() => (ended += 1))
  const began = performance.now()
  await expectHealthy()
  while (ended < wires.length && performance.now() - began < HEAD_LIMIT_MS) {
    for (const { socket } of wires) if (socket.writable) socket.write('X: y\r\n')
    await delay(1000)
  }
  numbers['slow heads ended'] = `${ended} of ${wires.length}`
  expect(ended).toBe(wires.length)
})

it('refuses heads that are too large', async () => {
  const wires = await Promise.all(Array.from({ length: share(50) }, open))
  for (const { socket } of wires) {
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(64 * 1024)}\r\n\r\n`)
  }
  await Promise.all(wires.map(({ closed }) => closed))
  const refused = wires.filter(({ received }) => received().startsWith('HTTP/1.1 431'))
  numbers['large heads refused'] = `${refused.length} of ${wires.length}`
  for (const { received } of wires) expect(received()).toMatch(/^(?:HTTP\/1\.1 431|$)/)
  await expectHealthy()
})

it('refuses bodies that never end', async () => {
  const chunk = `10000\r\n${'7'.repeat(65_536)}\r\n`
  const wires = await Promise.all(Array.from({ length: share(20) }, open))
  await Promise.all(
    wires.map(async ({ socket, received }) => {
      socket.write(
        'POST /api/caption HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n',
      )
      for (let sent = 0; sent < 1024 && received() === '' && socket.writable; sent += 1) {
        socket.write(chunk)
        await delay(1)
      }
    }),
  )
  // 413 for one that is too large, 503 where all together are.
  for (const { received } of wires) expect(received()).toMatch(/^HTTP\/1\.1 (?:413|503)/)
  numbers['endless bodies refused'] = `${wires.length} of ${wires.length}`
  for (const { socket } of wires) socket.destroy()
  await expectHealthy()
})

it('answers who closes their half', async () => {
  const wires = await Promise.all(Array.from({ length: share(50) }, open))
  for (const { socket } of wires) socket.end('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await Promise.all(wires.map(({ closed }) => closed))
  const answered = wires.filter(({ received }) => received().startsWith('HTTP/1.1 200'))
  numbers['half-closed answered'] = `${answered.length} of ${wires.length}`
  expect(answered).toHaveLength(wires.length)
  await expectHealthy()
})

it('bears idle connections, and takes new ones when they go', async () => {
  const wires = await Promise.all(Array.from({ length: share(500) }, open))
  await delay(500)
  const kept = wires.filter(({ socket }) => !socket.destroyed).length
  numbers['idle connections kept'] = `${kept} of ${wires.length}`
  expect(kept).toBeLessThanOrEqual(256)
  for (const { socket } of wires) socket.destroy()
  await delay(500)
  await expectHealthy()
})
