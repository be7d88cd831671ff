// POST /v1/responses. Nothing is stored: `store` and `previous_response_id` are ignored.
import { FlocapError } from '../../../base/errors.ts'
import { answerChat } from '../../chat/answer-chat.ts'
import type { Message, Part } from '../../chat/conversation.ts'
import { toGeneration } from '../../chat/generation.ts'
import { jsonResponse, parseFields, parseJson } from '../../body/json.ts'
import { toQuestion } from '../../chat/question.ts'
import { EVENT_STREAM } from '../../stream/server-sent-events.ts'
import { streamAnswer } from '../../stream/stream.ts'
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { toFormat } from './format.ts'
import { createResponseHead, renderFinished } from './responses-render.ts'
import type { InputItem, InputPart } from './responses-schema.ts'
import { ResponsesRequest } from './responses-schema.ts'
import { createResponseStream } from './responses-stream.ts'

export async function responses(
  context: HttpContext,
  services: SurfaceServices,
): Promise<Response> {
  const { captioner } = services
  const request = parseFields(ResponsesRequest, parseJson(await context.get('readBody')()))
  const question = await toQuestion(
    {
      messages: toMessages(request.input),
      model: request.model,
      generation: toGeneration({ maxTokens: request.max_output_tokens }),
    },
    services,
    context.get('readImage'),
  )
  const format = toFormat(request.text?.format)
  const head = createResponseHead(request, captioner.model)
  const signal = context.get('signal')
  context.get('answerHeaders').set('x-flocap-task', question?.choice.task ?? 'none')

  if (request.stream !== true) {
    return jsonResponse(
      renderFinished(head, await answerChat(captioner, question, format, { signal })),
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
      return stream.renderEnd(await answerChat(captioner, question, format, hooks))
    },
  })
}

function toMessages(input: ResponsesRequest['input']): Message[] {
  if (typeof input === 'string') {
    return [{ role: 'user', parts: [{ kind: 'text', text: input }] }]
  }
  return (input ?? []).map((item, index) => toMessage(item, `input[${index}]`))
}

/** Items that are no messages (calls of tools, reasoning) have no content and so no parts. */
function toMessage({ role, content }: InputItem, field: string): Message {
  const parts: Part[] =
    typeof content === 'string'
      ? [{ kind: 'text', text: content }]
      : (content ?? []).flatMap((part, index) => toParts(part, `${field}.content[${index}]`))
  return { role: role ?? 'user', parts }
}

function toParts(part: InputPart, field: string): Part[] {
  const image = part.image_url ?? part.file_data ?? undefined
  const refersToFile = typeof part.file_id === 'string' && part.file_id !== ''
  if (image === undefined && (part.type === 'input_image' || refersToFile)) {
    throw new FlocapError('invalid_request', `'${field}' is an image without an image_url.`, {
      hint: 'Put the picture there as a data URL; FloCap stores no files.',
      subject: `${field}.image_url`,
    })
  }
  return [
    ...(typeof part.text === 'string' ? [{ kind: 'text' as const, text: part.text }] : []),
    ...(image === undefined ? [] : [{ kind: 'image' as const, source: image, field }]),
  ]
}
