// Sockets for the application: one listener for each address, time limits, an orderly end.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { ListenOptions } from 'node:net'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { FlocapError } from '../base/errors.ts'
import { createHttpApp, type HttpApp } from './app.ts'
import { STATUS, errorHeaders, reasonPhrase } from './errors.ts'
import { JSON_TYPE, jsonResponse } from './body/json.ts'
import { type Connections, createConnections } from './sockets/connections.ts'
import { createPipelines } from './sockets/pipelines.ts'
import { ARRIVAL_LIMITS, watchArrival } from './sockets/watch-arrival.ts'
import type { SurfaceServices } from './surface.ts'
import { renderError } from './surfaces/openai/errors.ts'

/** An honest client sends its headers in one packet; a slow one is holding a socket. */
const HEADERS_TIMEOUT_MS = 10_000

/** Node looks for sockets beyond their time only so often; its own 30 s would make 10 s into 40. */
const CHECK_TIMEOUTS_MS = 5_000

/** Longer than the 60 seconds that proxies keep a connection, so that they close it, not we. */
const KEEP_ALIVE_MS = 65_000

/** SDKs send some twenty headers; 16 KiB is Node's own default, stated so that it stays. */
const MAX_HEADER_BYTES = 16 * 1024

/** Twice what a browser sends behind two proxies. */
const MAX_HEADERS = 100

/** Answered even where all connections are taken: a server that is busy is not dead. */
const SIGNS_OF_LIFE = new Set(['/health', '/livez', '/ready', '/readyz'])

export interface ListeningAddress {
  readonly host: string
  readonly port: number
}

export interface HttpServer {
  /**
   * Binds every host; port 0 picks a free one for all of them. `::` means all interfaces. An IPv6
   * host is left out where the machine has no IPv6, as long as another host works.
   *
   * @throws FlocapError port_in_use, invalid_setting.
   */
  listen(hosts: readonly string[], port: number): Promise<readonly ListeningAddress[]>
  /**
   * Says at /ready that it ends, and goes on for `drainMs`. Then it takes no more connections, lets
   * requests finish for a while, and cancels what is left.
   */
  close(): Promise<void>
}

export type HttpServerOptions = SurfaceServices

export function createHttpServer(options: HttpServerOptions): HttpServer {
  let isEnding = false
  return serveApp(createHttpApp({ ...options, isEnding: () => isEnding }), options, () => {
    isEnding = true
  })
}

/**
 * Sockets for any application.
 *
 * @param onEnd told when the server begins to close
 */
export function serveApp(
  app: HttpApp,
  { logger, settings }: Pick<SurfaceServices, 'logger' | 'settings'>,
  onEnd?: () => void,
): HttpServer {
  const listener = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    // HTTP/1.0 needs no Host header.
    hostname: 'localhost',
    errorHandler: answerBrokenRequest,
  })
  const servers: Server[] = []
  const connections = createConnections(settings)
  let isDraining = false
  const answer = createPipelines((incoming, outgoing) => {
    connections.handle(incoming, outgoing)
    // The client's next request goes over another connection, and so to another server.
    if (isDraining) outgoing.shouldKeepAlive = false
    const error = refusalOf(incoming, outgoing, connections)
    watchArrival(incoming, ARRIVAL_LIMITS, () => endLate(incoming, outgoing))
    if (error === undefined) void listener(incoming, outgoing)
    else refuse(incoming, outgoing, error)
  })

  const open = (): Server => {
    const server = createServer({
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_TIMEOUTS_MS,
      // Watched one by one: see `watchArrival`. Stalled bodies end earlier; see `bodyIdleMs`.
      requestTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    })
    // Node drops what comes beyond its limit, and with it an Origin that a guard should see: with one
    // more than is allowed the excess shows.
    server.maxHeadersCount = MAX_HEADERS + 1
    // A response may take as long as the queue and the model need.
    server.timeout = 0
    connections.watch(server)
    server.on('request', answer)
    // Without a listener Node answers at once, whatever waits on the connection.
    server.on('checkExpectation', answer)
    return server
  }

  return {
    async listen(hosts, port) {
      const addresses: ListeningAddress[] = []
      let chosen = port
      for (const host of hosts) {
        const server = open()
        try {
          // `::` alone takes IPv4 too; beside `0.0.0.0` it must leave it alone.
          const ipv6Only = hosts.includes('0.0.0.0')
          const address = await bind(server, { host, port: chosen, ipv6Only })
          chosen = address.port
          addresses.push(address)
          servers.push(server)
          server.on('error', (err) => logger.error({ host, err }, 'the listener failed'))
        } catch (error) {
          if (isMissingFamily(error) && hosts.length > 1) {
            logger.warn({ host }, 'this machine has no such address family; the host is left out')
            continue
          }
          await Promise.all(servers.splice(0).map((opened) => closeServer(opened)))
          throw toListenError(error, host, chosen)
        }
      }
      if (addresses.length === 0) {
        throw new FlocapError('invalid_setting', 'None of the hosts to listen on can be used.', {
          hint: 'Use 127.0.0.1 for this machine only, or 0.0.0.0 for all interfaces.',
          subject: 'host',
        })
      }
      return addresses
    },

    async close() {
      onEnd?.()
      isDraining = true
      if (servers.length > 0 && settings.drainMs > 0) await delay(settings.drainMs)
      const opened = servers.splice(0)
      // A request whose socket is closed is cancelled as if its client had gone away.
      const deadline = setTimeout(() => {
        for (const server of opened) server.closeAllConnections()
      }, settings.shutdownGraceMs)
      const closed = opened.map((server) => closeServer(server))
      connections.end()
      await Promise.all(closed)
      clearTimeout(deadline)
    },
  }
}

function bind(server: Server, options: ListenOptions): Promise<ListeningAddress> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      const address = server.address()
      if (typeof address !== 'object' || address === null) {
        throw new TypeError('A server on a host and port has an address.')
      }
      resolve({ host: address.address, port: address.port })
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}

function isMissingFamily(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}

function toListenError(error: unknown, host: string, port: number): FlocapError {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') {
    return new FlocapError('port_in_use', `Port ${port} of ${host} is used by another program.`, {
      hint: 'Stop that program, or choose another port with --port.',
      subject: 'port',
      cause: error,
    })
  }
  if (code === 'EACCES') {
    return new FlocapError('invalid_setting', `This user may not listen on port ${port}.`, {
      hint: 'Choose a port above 1023 with --port.',
      subject: 'port',
      cause: error,
    })
  }
  return new FlocapError('invalid_setting', `FloCap cannot listen on ${host} port ${port}.`, {
    hint: 'Use 127.0.0.1 for this machine only, or 0.0.0.0 for all interfaces.',
    subject: 'host',
    cause: error,
  })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** What keeps a request from the application, before anything of it is looked at but its head. */
function refusalOf(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  connections: Connections,
): FlocapError | undefined {
  const { headers, rawHeaders, socket, url = '' } = incoming
  if (rawHeaders.length > 2 * MAX_HEADERS) {
    return new FlocapError(
      'too_many_headers',
      `A request may have ${MAX_HEADERS} headers, and this one has more.`,
    )
  }
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    return new FlocapError('expectation_failed', 'FloCap meets no expectation but 100-continue.')
  }
  if (!connections.refuses(socket)) return undefined
  outgoing.shouldKeepAlive = false
  if (SIGNS_OF_LIFE.has(url)) return undefined
  return new FlocapError('too_many_connections', 'All connections of this server are busy.', {
    hint: 'Try again in a moment.',
  })
}

/**
 * The answer to a request that the application never sees. What is sent is read to its end first:
 * closing with bytes unread would reset the connection, and the answer with it.
 */
function refuse(incoming: IncomingMessage, outgoing: ServerResponse, error: FlocapError): void {
  incoming.resume()
  incoming.once('end', () => {
    outgoing.writeHead(STATUS[error.code], reasonPhrase(error), {
      ...errorHeaders(error),
      'content-type': JSON_TYPE,
      connection: 'close',
    })
    outgoing.end(JSON.stringify(renderError(error)))
  })
}

/** As Node ends a request that does not arrive in its time. */
function endLate({ socket }: IncomingMessage, { headersSent }: ServerResponse): void {
  if (!headersSent && socket.writable) {
    socket.write('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n')
  }
  socket.destroy()
}

/** Requests that are not HTTP enough to have a path: a Host header with blanks, a backslash. */
function answerBrokenRequest(): Response {
  const error = new FlocapError(
    'invalid_request',
    'The request line or the Host header of this request cannot be read.',
  )
  return jsonResponse(renderError(error), 400)
}
