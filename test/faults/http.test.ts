// Clients that speak HTTP badly or on purpose slowly. While each attack goes on, an honest client is
// answered within twice the time that it takes in peace.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readMetrics } from '../support/ask-server.ts'
import { type RunningServer, startServer } from '../support/program.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'
import { askAsHonest, type Honest, servedAsIn } from './honest-client.ts'
import { recordResult } from './record-result.ts'
import { open, openMany, type Wire } from './wires.ts'

/** As in src/http/server.ts: the head of a request has ten seconds; Node looks every five. */
const HEAD_LIMIT_MS = 20_000

let server: RunningServer
let peace: Honest
const home = createFolder()
const numbers: Record<string, number | string> = {}

beforeAll(async () => {
  server = await startServer(['--max-body-mb', '4', '--answer-cache-mb', '0'], {
    environment: { FLOCAP_HOME: home },
  })
  await server.printed('Ready')
  await askAsHonest(server.url)
  peace = await askAsHonest(server.url)
  numbers['in peace: /health, caption p50 (ms)'] = `${peace.health}, ${peace.caption}`
})

afterAll(async () => {
  const metrics = await readMetrics(server.url)
  numbers['engines that died'] = metrics.get('flocap_engine_restarts_total{cause="died"}') ?? NaN
  await server.stop('SIGKILL')
  removeFolder(home)
  recordResult({
    name: 'http',
    done: 'slow heads and bodies, large heads, endless bodies, pipelines, half-closed and idle connections, and beside each an honest client',
    numbers,
  })
})

/** @param attack what goes on meanwhile. */
async function expectHealthy(attack: string): Promise<void> {
  const honest = await askAsHonest(server.url)
  numbers[`${attack}: /health, caption`] = `${honest.health}, ${honest.caption}`
  // Softly: the attack is still to be ended.
  expect.soft(honest).toEqual(servedAsIn(peace))
}

/** Writes to every wire that is still open, again and again, until `stop` is called. */
function trickle(wires: readonly Wire[], text: string, everyMs: number): () => void {
  const timer = setInterval(() => {
    for (const { socket } of wires) if (socket.writable) socket.write(text)
  }, everyMs)
  return () => clearInterval(timer)
}

it('ends connections whose head never ends', async () => {
  const wires = await openMany(server.url, 100)
  for (const { socket } of wires) socket.write('POST /api/caption HTTP/1.1\r\nHost: localhost\r\n')
  let ended = 0
  for (const { closed } of wires) void closed.then(() => (ended += 1))
  const began = performance.now()
  const stop = trickle(wires, 'X: y\r\n', 500)
  await expectHealthy('slow heads')
  while (ended < wires.length && performance.now() - began < HEAD_LIMIT_MS) await delay(100)
  stop()
  numbers['slow heads ended'] = `${ended} of ${wires.length}`
  expect(ended).toBe(wires.length)
})

it('bears bodies that come a byte at a time', async () => {
  const wires = await openMany(server.url, 100)
  for (const { socket } of wires) {
    socket.write('POST /api/caption HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n')
  }
  const stop = trickle(wires, ' ', 100)
  await expectHealthy('slow bodies')
  stop()
  expect(wires.map(({ received }) => received()).filter((text) => text !== '')).toEqual([])
  for (const { socket } of wires) socket.destroy()
})

it('refuses heads that are too large', async () => {
  const head = `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(64 * 1024)}\r\n\r\n`
  const attack = { goesOn: true, sent: 0, refused: 0 }
  const attackers = Array.from({ length: 5 }, async () => {
    while (attack.goesOn) {
      const { socket, closed, received } = await open(server.url)
      socket.write(head)
      attack.sent += 1
      await closed
      // A reset may come before the answer is read.
      expect(received()).toMatch(/^(?:HTTP\/1\.1 431|$)/)
      attack.refused += 1
      await delay(20)
    }
  })
  await expectHealthy('large heads')
  attack.goesOn = false
  await Promise.all(attackers)
  numbers['large heads refused'] = `${attack.refused} of ${attack.sent}`
})

it('refuses bodies that never end', async () => {
  const chunk = `10000\r\n${'7'.repeat(65_536)}\r\n`
  const wires = await openMany(server.url, 20)
  const floods = wires.map(async ({ socket, received }) => {
    socket.write(
      'POST /api/caption HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n',
    )
    for (let sent = 0; sent < 1024 && received() === '' && socket.writable; sent += 1) {
      socket.write(chunk)
      // As fast as a network of 100 Mbit/s brings them all together.
      await delay(100)
    }
  })
  await expectHealthy('endless bodies')
  await Promise.all(floods)
  // 413 for one that is too large, 503 where all together are.
  for (const { received } of wires) expect(received()).toMatch(/^HTTP\/1\.1 (?:413|503)/)
  numbers['endless bodies refused'] = `${wires.length} of ${wires.length}`
  for (const { socket } of wires) socket.destroy()
})

it('answers pipelines in their order', async () => {
  // As many as may wait, and the one that is answered.
  const perWire = 17
  const attack = { goesOn: true, asked: 0, answered: 0 }
  const attackers = Array.from({ length: 5 }, async () => {
    while (attack.goesOn) {
      const { socket, closed, received } = await open(server.url)
      const last = 'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
      const paths = ['/health', '/nowhere']
      const others = Array.from(
        { length: perWire - 1 },
        (_, index) => `GET ${paths[index % 2]} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      )
      socket.write(others.join('') + last)
      await closed
      const statuses = [...received().matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)
      expect(statuses).toEqual(
        Array.from({ length: perWire }, (_, index) => (index % 2 === 0 ? '200' : '404')),
      )
      attack.asked += perWire
      attack.answered += statuses.length
      // Each answer costs this machine as much as an honest one; the attack is in their order.
      await delay(500)
    }
  })
  await expectHealthy('pipelines')
  attack.goesOn = false
  await Promise.all(attackers)
  numbers['pipelined answered'] = `${attack.answered} of ${attack.asked}`
})

it('answers who closes their half', async () => {
  const wires = await openMany(server.url, 50)
  for (const { socket } of wires) socket.end('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await expectHealthy('half-closed')
  await Promise.all(wires.map(({ closed }) => closed))
  const answered = wires.filter(({ received }) => received().startsWith('HTTP/1.1 200'))
  numbers['half-closed answered'] = `${answered.length} of ${wires.length}`
  expect(answered).toHaveLength(wires.length)
})

it('answers beside more idle connections than it keeps', async () => {
  const wires = await openMany(server.url, 1_500)
  // Within the first second one of them may have sent a request that is not read yet.
  const early = await fetch(`${server.url}/health`)
  expect([200, 503]).toContain(early.status)
  await early.arrayBuffer()
  await delay(1_100)
  await expectHealthy('idle')
  const kept = wires.filter(({ socket }) => !socket.destroyed).length
  numbers['idle connections kept'] = `${kept} of ${wires.length}`
  // With a place, and beyond them those that wait to be refused.
  expect(kept).toBeLessThanOrEqual(1_024 + 256)
  for (const { socket } of wires) socket.destroy()
})
