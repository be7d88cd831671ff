// Clients that ask and do not read, over real sockets.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFakeCaptioner } from '../../../test/support/fake-captioner.ts'
import { post, startTestServer, type TestHttpOptions } from '../../../test/support/http-app.ts'
import { PNG_BASE64 } from '../../../test/support/pictures.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { createSharedFile } from '../shared-file.ts'

/** More than the system takes for a socket that nobody reads. */
const FILE_BYTES = 16 * 1024 * 1024
const GET_FILE = 'GET /file HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** A server with one large file and a count of how often it was asked for. */
async function startWithFile(settings: TestHttpOptions['settings'] = {}) {
  const path = join(temporaryFolder(), 'file')
  writeFileSync(path, randomBytes(FILE_BYTES))
  const file = createSharedFile(path, { compresses: false })
  const asked = { times: 0 }
  const server = await startTestServer({
    settings,
    captioner: createFakeCaptioner(),
    page: async (requested) => {
      if (requested !== '/file') return undefined
      asked.times += 1
      return file.respond(undefined, { 'content-type': 'image/png' })
    },
  })
  onTestFinished(async () => server.close())
  return { ...server, asked }
}

/** A socket that never reads what it has asked for. */
async function ask(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').pause()
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

/** Whether the server has ended it. Node tells only while it reads: a write finds out, and servers skip blank lines. */
function isEnded(socket: Socket): boolean {
  socket.write('\r\n')
  return socket.destroyed || !socket.writable
}

describe('requests that are sent before answers are read', () => {
  it('are answered one after the other, as far as their client reads', async () => {
    const { port, url, asked } = await startWithFile()
    const sockets = await Promise.all(
      Array.from({ length: 5 }, () => ask(port, GET_FILE.repeat(17))),
    )
    await expect.poll(() => asked.times).toBe(sockets.length)
    // Whoever reads is answered meanwhile, and nothing more was begun for those who do not.
    expect((await fetch(`${url}/health`)).status).toBe(200)
    expect(asked.times).toBe(sockets.length)
  })

  it('end their connection where too many wait', async () => {
    const { port, url, asked } = await startWithFile()
    const sockets = await Promise.all(
      Array.from({ length: 5 }, () => ask(port, GET_FILE.repeat(1_000))),
    )
    await expect.poll(() => sockets.every(isEnded)).toBe(true)
    expect(asked.times).toBeLessThanOrEqual(sockets.length)
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('count over all connections', async () => {
    const { port, asked } = await startWithFile()
    const sockets = await Promise.all(
      Array.from({ length: 80 }, () => ask(port, GET_FILE.repeat(17))),
    )
    await expect.poll(() => sockets.filter(isEnded).length).toBeGreaterThan(10)
    expect(asked.times).toBeLessThanOrEqual(sockets.length)
  })
})

describe('an answer that nobody reads', () => {
  it('is given up', async () => {
    const { port } = await startWithFile({ stalledAnswerMs: 300 })
    const socket = await ask(port, GET_FILE)
    await expect.poll(() => isEnded(socket)).toBe(true)
  })

  it('goes on for a client that reads slowly', async () => {
    const { port } = await startWithFile({ stalledAnswerMs: 1_500 })
    const socket = await ask(port, GET_FILE.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    let received = 0
    socket.on('data', (chunk: Buffer) => {
      received += chunk.byteLength
      socket.pause()
      setTimeout(() => socket.resume(), 10)
    })
    await once(socket.resume(), 'close')
    expect(received).toBeGreaterThan(FILE_BYTES)
  }, 60_000)

  it('makes room when all connections are taken', async () => {
    const { port, url } = await startWithFile({ maxConnections: 3, stalledAnswerMs: 600_000 })
    await Promise.all(Array.from({ length: 3 }, () => ask(port, GET_FILE.repeat(10))))
    await expect
      .poll(async () => (await fetch(`${url}/api/caption`, post({ image: PNG_BASE64 }))).status)
      .toBe(200)
  })

  it('does not keep a server from closing', async () => {
    const server = await startWithFile({ shutdownGraceMs: 600_000 })
    const sockets = await Promise.all([ask(server.port, GET_FILE), ask(server.port, GET_FILE)])
    await server.close()
    await expect.poll(() => sockets.every(isEnded)).toBe(true)
  })
})

describe('a body that does not arrive', () => {
  const HEAD = 'POST /api/caption HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n'

  it('makes room when all connections are taken, though a byte comes now and then', async () => {
    const { port, url } = await startWithFile({ maxConnections: 2, bodyIdleMs: 600_000 })
    const slow = await Promise.all([ask(port, HEAD), ask(port, HEAD)])
    const trickle = setInterval(() => {
      for (const socket of slow) socket.write(' ')
    }, 50)
    onTestFinished(() => clearInterval(trickle))
    await expect.poll(async () => (await fetch(`${url}/models`)).status).toBe(200)
  })

  it('does not keep a server from closing', async () => {
    const server = await startWithFile({
      shutdownGraceMs: 600_000,
      bodyIdleMs: 600_000,
    })
    const socket = await ask(server.port, HEAD)
    await server.close()
    await expect.poll(() => isEnded(socket)).toBe(true)
  })
})
