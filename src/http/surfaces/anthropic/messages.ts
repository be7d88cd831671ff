// POST /v1/messages and /v1/messages/count_tokens.
import { answerChat } from '../../chat/answer-chat.ts'
import { selectTools, TEXT, toolFormat, type AnswerFormat } from '../../chat/answer-format.ts'
import type { Message } from '../../chat/conversation.ts'
import { toGeneration } from '../../chat/generation.ts'
import { readContent, readMessages } from '../../chat/parts.ts'
import { toQuestion } from '../../chat/question.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
import { EVENT_STREAM, renderEvent } from '../../stream/server-sent-events.ts'
import { streamAnswer } from '../../stream/stream.ts'
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { renderError } from './errors.ts'
import { createMessageHead, createMessageStream, PING, renderMessage } from './render.ts'
import { MessagesRequest } from './schema.ts'

export async function messages(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const { captioner } = services
  const request = await readRequest(context)
  // Before any picture is read: what cannot be answered needs none.
  const format = toolOf(request)
  const chat = {
    messages: toMessages(request),
    model: request.model,
    generation: toGeneration({ maxTokens: request.max_tokens, stop: request.stop_sequences }),
    frames: request.frames,
    continues: true,
  }
  const question = await toQuestion(chat, services, context)
  const head = createMessageHead(captioner.model, request.stop_sequences ?? [], format)
  const signal = context.get('signal')
  if (request.stream !== true) {
    const answer = await answerChat(context, services, question, format, { signal })
    return jsonResponse(renderMessage(head, answer))
  }
  const stream = createMessageStream(head)
  return streamAnswer(context, services, {
    ...EVENT_STREAM,
    signOfLife: PING,
    opening: stream.opening,
    renderFailure: (error) => renderEvent(renderError(error, context.get('requestId')), 'error'),
    work: async (write, streamSignal) => {
      const onText = (text: string) => write(stream.renderText(text))
      const hooks = { signal: streamSignal, onText }
      return stream.renderEnd(await answerChat(context, services, question, format, hooks))
    },
  })
}

/** The call that the client forces, or a text. */
function toolOf({ tools, tool_choice: choice }: MessagesRequest): AnswerFormat {
  if (choice?.type !== 'any' && choice?.type !== 'tool') return TEXT
  const known = (tools ?? []).map(({ name, input_schema: schema }, index) => ({
    name,
    schema,
    field: `tools[${index}].input_schema`,
  }))
  const names = choice.type === 'tool' ? [choice.name ?? ''] : undefined
  return toolFormat(selectTools(known, names, 'tool_choice'))
}

/** A picture takes as many tokens whatever it shows; text of a chat never reaches the model. */
export async function countTokens(
  context: HttpContext,
  services: SurfaceServices,
): Promise<Response> {
  const request = await readRequest(context)
  const pictures = toMessages(request)
    .flatMap(({ parts }) => parts)
    .filter(({ kind }) => kind === 'image').length
  return jsonResponse({
    input_tokens: pictures * (tokensOfPicture(services.captioner.model.imageSize) + PROMPT_TOKENS),
  })
}

/** DaViT shrinks a side by 32; one more token is their mean over the picture. */
function tokensOfPicture(imageSize: number): number {
  return Math.floor(imageSize / 32) ** 2 + 1
}

/** Of the default task, with the tokens around it. */
const PROMPT_TOKENS = 13

async function readRequest(context: HttpContext): Promise<MessagesRequest> {
  return parseFields(MessagesRequest, await context.get('readJson')())
}

function toMessages(request: MessagesRequest): Message[] {
  const system: Message = { role: 'system', parts: readContent(request.system, 'system') }
  return [system, ...readMessages(request, 'messages')]
}
