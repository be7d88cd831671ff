// Speaks MCP by hand: JSON-RPC over POST, answers as JSON or as a stream of events.
import { z } from 'zod'

const ToolResult = z.looseObject({
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).optional(),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
})

const RpcAnswer = z.looseObject({
  id: z.unknown().optional(),
  result: ToolResult.optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
})
export type RpcAnswer = z.infer<typeof RpcAnswer>

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
}

/** A request of the protocol of 2025. */
export function rpc(
  method: string,
  params: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): RequestInit {
  return {
    method: 'POST',
    headers: { ...HEADERS, 'mcp-protocol-version': '2025-11-25', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  }
}

export function callTool(
  name: string,
  args: unknown,
  meta: Record<string, unknown> = {},
): RequestInit {
  return rpc('tools/call', { name, arguments: args, _meta: meta })
}

/** Every message of an answer, in order. */
export async function messagesOf(response: Response): Promise<RpcAnswer[]> {
  const text = await response.text()
  const isStream = (response.headers.get('content-type') ?? '').startsWith('text/event-stream')
  const messages = isStream
    ? [...text.matchAll(/^data: ?(.+)$/gm)].map(([, data = '']) => data)
    : [text]
  return messages.map((message) => RpcAnswer.parse(JSON.parse(message)))
}

/** The answer itself, behind its progress. */
export async function answerOf(response: Response): Promise<RpcAnswer> {
  const answer = (await messagesOf(response)).at(-1)
  if (answer === undefined) throw new Error('no message came')
  return answer
}

/** The text for people of a tool's result. */
export function textOf({ result }: RpcAnswer): string {
  return result?.content?.[0]?.text ?? ''
}

export const ToolList = z.looseObject({
  tools: z.array(
    z.looseObject({
      name: z.string(),
      description: z.string(),
      annotations: z.unknown(),
      inputSchema: z.unknown(),
      outputSchema: z.unknown(),
    }),
  ),
})
