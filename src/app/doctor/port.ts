// Is the port free?
import { createServer } from 'node:net'
import type { Finding } from './finding.ts'

/** The host that a server without --listen certainly takes. */
const HOST = '127.0.0.1'

export async function inspectPort(port: number): Promise<Finding> {
  const name = 'port'
  const code = await tryToListen(port)
  if (code === undefined) return { name, status: 'ok', detail: `${port} is free` }
  if (code === 'EADDRINUSE') {
    return {
      name,
      status: 'warning',
      detail: `${port} is taken, by FloCap itself if it runs`,
      cure: 'If that is another program, stop it or give another port with --port.',
    }
  }
  return {
    name,
    status: 'problem',
    detail: `${port} cannot be used (${code})`,
    cure: 'Give another port with --port; ports below 1024 need special rights.',
  }
}

/** The system's error code; undefined when it works. */
function tryToListen(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen(port, HOST, () => server.close(() => resolve(undefined)))
  })
}
