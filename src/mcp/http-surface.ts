// POST /mcp: the tools over HTTP, behind the same guards, limits and queue as every other dialect.
//
// Nothing is kept between requests. Clients of the protocol of 2025 are answered without a session,
// which theirs allows.
import { createMcpHandler } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { FlocapError } from '../base/errors.ts'
import { drawWith } from '../caption/draw-findings.ts'
import { fetchesImages } from '../http/image-url/allowed-hosts.ts'
import { runForClient } from '../http/request-client.ts'
import type { Surface, SurfaceServices } from '../http/surface.ts'
import { createMcpServer } from './create-mcp-server.ts'
import type { Caller, McpServices } from './services.ts'

const PATH = '/mcp'
/** JSON-RPC leaves -32000 to -32099 to servers. */
const SERVER_ERROR = -32_000

const ErrorBody = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.null(),
  error: z.object({
    code: z.int(),
    message: z.string(),
    data: z.object({ code: z.string(), hint: z.string().nullable(), request_id: z.string() }),
  }),
})

export type McpSurfaceOptions = Pick<McpServices, 'folders'>

export function createMcpSurface(
  { captioner, drawing, logger, readiness, settings, version = '' }: SurfaceServices,
  options: McpSurfaceOptions,
): Surface {
  const services: McpServices = {
    ...options,
    captioner: async () => captioner,
    draw: drawing && drawWith(drawing),
    readiness,
    fetches: fetchesImages(settings.imageHosts),
    logger,
    version,
  }
  const callers = new WeakMap<Request, Caller>()
  const handler = createMcpHandler(
    ({ requestInfo }) => {
      const caller = requestInfo === undefined ? undefined : callers.get(requestInfo)
      if (caller === undefined) throw new TypeError('Every request has a caller.')
      return createMcpServer(services, caller)
    },
    { onerror: (err) => logger.debug({ err }, 'an MCP request was refused') },
  )

  return {
    name: 'mcp',
    description: 'Tools for agents, over the Model Context Protocol.',
    owns: (path) => path === PATH,
    renderError,
    errorBody: ErrorBody,
    routes: [
      {
        method: 'POST',
        path: PATH,
        summary: 'Lists and calls the tools: JSON-RPC of the Model Context Protocol',
        async handle(context) {
          // Agents have a turn of their own beside the other programs of the same machine.
          const client = `mcp ${context.get('client')}`
          context.set('client', client)
          const parsedBody = await context.get('readJson')()
          const { method, headers, url } = context.req.raw
          const signal = context.get('signal')
          const readImage = context.get('readImage')
          // Its body has been read, within the limits of this server.
          const request = new Request(url, { method, headers, signal })
          callers.set(request, {
            client,
            signal,
            readImage: async (source, field) => readImage(source, field),
          })
          return runForClient(client, async () => handler.fetch(request, { parsedBody }))
        },
        wire: { stream: { type: 'text/event-stream', event: z.unknown() } },
      },
    ],
  }
}

function renderError(error: FlocapError, requestId: string): z.infer<typeof ErrorBody> {
  return {
    jsonrpc: '2.0',
    id: null,
    error: {
      code: SERVER_ERROR,
      message: error.message,
      data: { code: error.code, hint: error.hint ?? null, request_id: requestId },
    },
  }
}
