import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { portOf } from '../../../test/support/port-of.ts'
import { readInPortions } from './portions.ts'

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

async function start(onRequest: Parameters<typeof createServer>[1]): Promise<Socket> {
  const server = createServer(onRequest)
  server.on('connection', readInPortions)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect(portOf(server), '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => {
    socket.destroy()
    server.close()
  })
  await once(socket, 'connect')
  return socket
}

it('parses no more than a portion of what a connection sent before it was ended', async () => {
  let parsed = 0
  const client = await start((incoming) => {
    parsed += 1
    incoming.socket.destroy()
  })
  const sent = 1_500
  client.write(GET.repeat(sent))
  await once(client, 'close')
  expect(parsed).toBeGreaterThan(0)
  expect(parsed).toBeLessThan(sent / 3)
})

it('leaves bodies and the requests behind them as they are', async () => {
  const bodies: Promise<Buffer>[] = []
  const client = await start((incoming, outgoing) => {
    const received = buffer(incoming)
    bodies.push(received)
    void received.then(() => outgoing.end())
  })
  const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))
  for (let times = 0; times < 3; times += 1) {
    client.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.byteLength}\r\n\r\n`)
    client.write(body)
  }
  client.write(GET)
  await expect.poll(() => bodies.length).toBe(4)
  const received = await Promise.all(bodies)
  expect(received.slice(0, 3).map((one) => one.equals(body))).toEqual([true, true, true])
  expect(received[3]).toHaveLength(0)
})
