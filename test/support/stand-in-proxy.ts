// A proxy as networks have them: it takes CONNECT, opens the tunnel where it likes, and remembers who asked.
import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'
import { portOf } from './port-of.ts'

export interface StandInProxy {
  /** Its address, without a name or password. */
  readonly url: string
  /** What each CONNECT named: `93.184.216.34:443`. */
  readonly targets: readonly string[]
  readonly requests: readonly IncomingMessage[]
}

/** A status that refuses the tunnel, or the port on this machine that the tunnel leads to. */
export type Lead = (target: string) => { readonly status: number } | { readonly port: number }

/** Serves until the test ends. */
export async function startProxy(lead: Lead): Promise<StandInProxy> {
  const requests: IncomingMessage[] = []
  const targets: string[] = []
  const open = new Set<Duplex>()
  const server = createServer((_, response) => response.writeHead(400).end())
  server.on('connect', (request, socket, head) => {
    requests.push(request)
    targets.push(request.url ?? '')
    open.add(socket)
    socket.on('error', () => undefined)
    const answer = lead(request.url ?? '')
    if ('status' in answer) {
      socket.end(`HTTP/1.1 ${answer.status} No\r\n\r\n`)
      return
    }
    const onward = connect(answer.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      onward.write(head)
      onward.pipe(socket)
      socket.pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${portOf(server)}`, targets, requests }
}
