// The tools over standard input and output, for clients that start FloCap themselves.
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { createBodyBudget } from '../http/body/read-body.ts'
import { createLongTexts } from '../http/body/long-texts.ts'
import { createImageReader } from '../http/body/read-image.ts'
import type { HttpSettings } from '../http/settings.ts'
import { createMcpServer } from './create-mcp-server.ts'
import type { McpServices } from './services.ts'

export interface StdioMcpServer {
  /** Resolves when the client has closed standard input. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

export function serveMcpOverStdio(services: McpServices, settings: HttpSettings): StdioMcpServer {
  const readImageFor = createImageReader({ settings })
  const budget = createBodyBudget(settings.maxPendingBodyBytes)
  const transport = new StdioServerTransport(process.stdin, process.stdout, {
    maxBufferSize: settings.maxBodyBytes,
  })
  const ended = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve)
  })
  const handle = serveStdio(
    () =>
      createMcpServer(services, {
        client: 'mcp',
        async readImage(source, field, signal) {
          const share = budget.open()
          try {
            const longTexts = createLongTexts()
            return await readImageFor({ signal, share, longTexts })(source, field)
          } finally {
            share.release()
          }
        },
      }),
    {
      transport,
      onerror: (err) => services.logger.warn({ err }, 'an MCP message could not be handled'),
    },
  )
  return {
    ended,
    close: async () => handle.close(),
  }
}
