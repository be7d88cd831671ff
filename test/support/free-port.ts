// A port that nothing listens on, for programs that must be told one.
import { createServer } from 'node:net'
import { once } from 'node:events'
import { portOf } from './port-of.ts'

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}
