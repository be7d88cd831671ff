// The tools over standard input and output, for clients that start FloCap themselves.
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { createBodyBudget } from '../http/body/read-body.ts'
import { createLongTexts } from '../http/body/long-texts.ts'
import { createImageReader } from '../http/body/read-image.ts'
import type { HttpSettings } from '../http/settings.ts'
import { FlocapError } from '../base/errors.ts'
import { formatBytes } from '../base/format-bytes.ts'
import { createMcpServer } from './create-mcp-server.ts'
import { createMessageLines, type TooLong } from './message-lines.ts'
import type { McpServices } from './services.ts'

const INVALID_REQUEST = -32_600

export interface StdioMcpServer {
  /** Resolves when the client has closed standard input. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

export function serveMcpOverStdio(services: McpServices, settings: HttpSettings): StdioMcpServer {
  const readImageFor = createImageReader({ settings })
  const budget = createBodyBudget(settings.maxPendingBodyBytes)
  const lines = createMessageLines(settings.maxBodyBytes, (message) => {
    const error = tooLong(message, settings.maxBodyBytes)
    services.logger.warn({ code: error.code }, error.message)
    if (message.id !== undefined) process.stdout.write(renderRefusal(message.id, error))
  })
  const transport = new StdioServerTransport(process.stdin.pipe(lines), process.stdout, {
    // What comes through has been measured, line by line.
    maxBufferSize: Number.MAX_SAFE_INTEGER,
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
            return await readImageFor({ signal, share, longTexts, owner: () => 'local' })(
              source,
              field,
            )
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

function tooLong({ bytes }: TooLong, limit: number): FlocapError {
  return new FlocapError(
    'body_too_large',
    `Expected a message of at most ${formatBytes(limit)}, got ${formatBytes(bytes)}.`,
    { hint: 'Send a smaller picture, or raise --max-body-mb.' },
  )
}

/** JSON-RPC calls it an invalid request. */
function renderRefusal(id: number | string, { message, hint, code }: FlocapError): string {
  const error = { code: INVALID_REQUEST, message: `${message} ${hint}`, data: { code } }
  return `${JSON.stringify({ jsonrpc: '2.0', id, error })}\n`
}
