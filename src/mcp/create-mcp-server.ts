// The MCP server: the six tools over one caller. The same factory stands behind standard input and
// HTTP, and behind the protocols of 2025 and 2026.
import { Buffer } from 'node:buffer'
import {
  type CallToolResult,
  McpServer,
  type ServerContext,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server'
import type { z } from 'zod'
import { type FlocapError, toFlocapError } from '../base/errors.ts'
import { withAnySignal } from '../base/with-any-signal.ts'
import { logFailure } from '../http/log-failure.ts'
import { createProgress } from './progress.ts'
import type { Caller, McpServices } from './services.ts'
import { createToolCall } from './tool-call.ts'
import type { Tool, ToolAnswer } from './tool.ts'
import { captionImage } from './tools/caption-image.ts'
import { describeRegion } from './tools/describe-region.ts'
import { describeScreen } from './tools/describe-screen.ts'
import { extract } from './tools/extract.ts'
import { findObjects } from './tools/find-objects.ts'
import { readText } from './tools/read-text.ts'

/** In the order in which clients list them. */
const TOOLS: readonly Tool[] = [
  captionImage,
  readText,
  findObjects,
  describeRegion,
  describeScreen,
  extract,
]

/** What a person reads without scrolling; the whole is in the structured content. */
const MAX_TEXT_CHARACTERS = 4_000
/** The tools change only with the program. */
const TOOLS_KNOWN_MS = 5 * 60_000
/** A large schema for `extract` has some thousands. */
const MAX_ARGUMENT_ELEMENTS = 20_000

const CACHED = { ttlMs: TOOLS_KNOWN_MS, cacheScope: 'private' } as const

/** A server for one connection or request. */
export function createMcpServer(services: McpServices, caller: Caller): McpServer {
  const server = new McpServer(
    { name: 'flocap', title: 'FloCap', version: services.version },
    {
      capabilities: { tools: { listChanged: false } },
      instructions: instructionsFor(services),
      cacheHints: { 'tools/list': CACHED, 'server/discover': CACHED },
      maxToolInputElements: MAX_ARGUMENT_ELEMENTS,
    },
  )
  for (const tool of TOOLS) {
    server.registerTool(
      tool.name,
      {
        title: tool.title,
        description: tool.description,
        inputSchema: unchecked(tool.input),
        outputSchema: tool.output,
        annotations: {
          readOnlyHint: true,
          destructiveHint: false,
          idempotentHint: true,
          openWorldHint: services.fetches,
        },
      },
      async (args: unknown, context: ServerContext) => run(tool, args, context, services, caller),
    )
  }
  return server
}

/** Says the schema and lets everything pass: the tool checks it, in FloCap's own sentences. */
function unchecked(schema: z.ZodType): StandardSchemaWithJSON<unknown, unknown> {
  const { jsonSchema } = schema['~standard']
  return {
    '~standard': { version: 1, vendor: 'flocap', validate: (value) => ({ value }), jsonSchema },
  }
}

async function run(
  tool: Tool,
  args: unknown,
  context: ServerContext,
  services: McpServices,
  caller: Caller,
): Promise<CallToolResult> {
  const { signal: cancelled } = context.mcpReq
  const signals = caller.signal === undefined ? [] : [caller.signal]
  try {
    return await withAnySignal([cancelled, ...signals], async (signal) => {
      const call = createToolCall(services, caller, createProgress(context), signal)
      return toResult(await tool.run(args ?? {}, call))
    })
  } catch (thrown) {
    const error = toFlocapError(thrown)
    logFailure(services.logger, error, { tool: tool.name })
    return toFailure(error)
  }
}

function toResult({ text, structured, preview, failed }: ToolAnswer<unknown>): CallToolResult {
  return {
    content: [
      { type: 'text', text: shorten(text) },
      ...(preview === undefined
        ? []
        : [
            {
              type: 'image' as const,
              data: Buffer.from(preview).toString('base64'),
              mimeType: 'image/jpeg',
              annotations: { audience: ['user' as const] },
            },
          ]),
    ],
    structuredContent: structured,
    ...(failed === true ? { isError: true } : {}),
  }
}

function toFailure({ message, hint, code }: FlocapError): CallToolResult {
  const cure = hint === undefined ? '' : ` ${hint}`
  return { content: [{ type: 'text', text: `${message}${cure} (${code})` }], isError: true }
}

function shorten(text: string): string {
  return text.length <= MAX_TEXT_CHARACTERS
    ? text
    : `${text.slice(0, MAX_TEXT_CHARACTERS)}…, see structuredContent`
}

function instructionsFor({ folders, fetches }: McpServices): string {
  const ways = [
    'as data: URLs',
    ...(fetches ? ['as https: URLs'] : []),
    ...(folders.named.length > 0
      ? [
          `as absolute paths below ${folders.named.map((each) => JSON.stringify(each)).join(' or ')}`,
        ]
      : []),
  ]
  return `Looks at pictures with Florence-2 on the user's own machine: captions, text, things and their boxes. Pictures come ${ways.join(', or ')}. Boxes are in pixels of the upright picture. Answers are in English.`
}
