// POST /v1/chat/completions.
import { answerChat } from '../../chat/answer-chat.ts'
import { toGeneration } from '../../chat/generation.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
import { readMessages } from '../../chat/parts.ts'
import { toQuestion } from '../../chat/question.ts'
import { EVENT_STREAM, renderEvent } from '../../stream/server-sent-events.ts'
import { streamAnswer } from '../../stream/stream.ts'
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { createChatStream } from './chat-stream.ts'
import { renderError } from './errors.ts'
import { chatFormat } from './format.ts'
import { type ForcedCall, renderChat } from './render.ts'
import { ChatRequest } from './schema.ts'

export async function chat(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const { captioner } = services
  const request = parseFields(ChatRequest, await context.get('readJson')())
  const generation = generationOf(request, captioner.model.generation?.numBeams)
  const messages = readMessages(request, 'messages')
  // Before any picture is read: what cannot be answered needs none.
  const format = chatFormat(request, messages)
  const call: ForcedCall | undefined =
    format.kind === 'tool'
      ? { name: format.name, style: request.tools ? 'tools' : 'functions' }
      : undefined
  const question = await toQuestion(
    {
      messages,
      model: request.model,
      generation,
      frames: request.frames,
      continues: continuesMessage(request),
    },
    services,
    context,
  )
  const signal = context.get('signal')

  if (request.stream !== true) {
    const answer = await answerChat(context, services, question, format, { signal })
    return jsonResponse(renderChat(answer, captioner.model, call))
  }
  const stream = createChatStream(captioner.model, {
    choices: 'answer' in question ? 1 : (generation.numReturnSequences ?? 1),
    includeUsage: request.stream_options?.include_usage === true,
    call,
  })
  return streamAnswer(context, services, {
    ...EVENT_STREAM,
    opening: stream.opening,
    renderFailure: (error) => renderEvent(renderError(error)),
    work: async (write, streamSignal) => {
      const onText = (text: string) => write(stream.renderText(text))
      const hooks = { signal: streamSignal, onText }
      return stream.renderEnd(await answerChat(context, services, question, format, hooks))
    },
  })
}

/** As vLLM and KoboldCpp call it; OpenAI knows no such thing. */
function continuesMessage(request: ChatRequest): boolean {
  return request.continue_final_message === true || request.continue_assistant_turn === true
}

function generationOf(request: ChatRequest, modelBeams: number | undefined) {
  const options = {
    maxTokens: request.max_completion_tokens ?? request.max_tokens,
    answers: request.n,
    stop: request.stop,
  }
  return toGeneration(options, modelBeams)
}
