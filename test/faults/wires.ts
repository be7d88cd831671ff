// Clients that are made of a socket alone, to do what no HTTP library does.
import { connect, type Socket } from 'node:net'
import { share } from './record-result.ts'

export interface Wire {
  readonly socket: Socket
  readonly received: () => string
  readonly closed: Promise<void>
}

/** @param reads whether it takes what the server sends; otherwise the answers stay where they are. */
export async function open(url: string, { reads = true } = {}): Promise<Wire> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
  let received = ''
  if (reads) {
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk
    })
  } else socket.pause()
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

export async function openMany(
  url: string,
  count: number,
  options: { reads?: boolean } = {},
): Promise<Wire[]> {
  return Promise.all(Array.from({ length: share(count) }, () => open(url, options)))
}
