// POST /v1/responses. Nothing is stored: `store` has no effect, and earlier pictures have to come along.
import { FlocapError } from '../../../base/errors.ts'
import { showValue } from '../../../base/show-value.ts'
import { answerChat } from '../../chat/answer-chat.ts'
import type { AnswerFormat } from '../../chat/answer-format.ts'
import type { Message } from '../../chat/conversation.ts'
import { toGeneration } from '../../chat/generation.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
import { readContent, readMessages } from '../../chat/parts.ts'
import { toQuestion } from '../../chat/question.ts'
import { EVENT_STREAM } from '../../stream/server-sent-events.ts'
import { streamAnswer } from '../../stream/stream.ts'
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { forcedTool, readTool, toFormat } from './format.ts'
import { createResponseHead, renderFinished } from './responses-render.ts'
import type { InputItem } from './responses-schema.ts'
import { ResponsesRequest } from './responses-schema.ts'
import { createResponseStream } from './responses-stream.ts'

export async function responses(
  context: HttpContext,
  services: SurfaceServices,
): Promise<Response> {
  const { captioner } = services
  const request = parseFields(ResponsesRequest, await context.get('readJson')())
  const messages = toMessages(request)
  const format = formatOf(request, messages)
  const question = await toQuestion(
    {
      messages,
      model: request.model,
      generation: toGeneration({ maxTokens: request.max_output_tokens }),
      frames: request.frames,
    },
    services,
    context,
  )
  if ('answer' in question) assertNoEarlier(request)
  const head = createResponseHead(
    request,
    captioner.model,
    format.kind === 'tool' ? format.name : undefined,
  )
  const signal = context.get('signal')

  if (request.stream !== true) {
    return jsonResponse(
      renderFinished(head, await answerChat(context, services, question, format, { signal })),
    )
  }
  const stream = createResponseStream(head)
  return streamAnswer(context, services, {
    ...EVENT_STREAM,
    opening: stream.opening,
    renderFailure: stream.renderFailure,
    work: async (write, streamSignal) => {
      const onText = (text: string) => write(stream.renderText(text))
      const hooks = { signal: streamSignal, onText }
      return stream.renderEnd(await answerChat(context, services, question, format, hooks))
    },
  })
}

/** A question without a picture of its own is about that of the earlier response. */
function assertNoEarlier({ previous_response_id: id }: ResponsesRequest): void {
  if (id === null || id === undefined || id === '') return
  throw new FlocapError(
    'invalid_request',
    `Expected the image in the request itself, got previous_response_id ${showValue(id)}.`,
    {
      subject: 'previous_response_id',
      hint: 'FloCap stores no responses: send the whole conversation as input.',
    },
  )
}

function formatOf(request: ResponsesRequest, messages: readonly Message[]): AnswerFormat {
  const tools = (request.tools ?? []).flatMap((entry, index) => readTool(entry, `tools[${index}]`))
  return (
    forcedTool(request.tool_choice, tools, 'tool_choice') ??
    toFormat(request.text?.format, 'text.format', messages)
  )
}

function toMessages(request: ResponsesRequest): Message[] {
  const { input, instructions } = request
  const system: Message[] =
    typeof instructions === 'string'
      ? [{ role: 'system', parts: [{ kind: 'text', text: instructions }] }]
      : []
  if (typeof input === 'string') {
    return [...system, { role: 'user', parts: readContent(input, 'input') }]
  }
  const items = (input ?? []).map((item) => ({ ...item, role: roleOf(item) }))
  return [...system, ...readMessages({ ...request, input: items }, 'input')]
}

/** Results of tools are the tool's words; calls and reasoning were the assistant's. */
function roleOf({ role, type, content }: InputItem): string {
  if (typeof role === 'string') return role
  if (type?.endsWith('_output')) return 'tool'
  const isOwnWork = type?.endsWith('_call') || type === 'reasoning' || type === 'item_reference'
  return isOwnWork && content === undefined ? 'assistant' : 'user'
}
