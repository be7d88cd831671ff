// POST /completion: how SillyTavern up to 1.12 asked llama.cpp for a caption.
import type { CaptionResult } from '../../../caption/captioner.ts'
import type { ModelDescription } from '../../../caption/ports.ts'
import type { ChatAnswer } from '../../chat/answer-chat.ts'
import { answerChat } from '../../chat/answer-chat.ts'
import { jsonFormat, TEXT } from '../../chat/answer-format.ts'
import type { Part } from '../../chat/conversation.ts'
import { renderAnswerExtension } from '../../chat/extension.ts'
import { toGeneration } from '../../chat/generation.ts'
import { refuseGrammars } from '../../chat/grammars.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
import { readContent } from '../../chat/parts.ts'
import { toQuestion } from '../../chat/question.ts'
import { EVENT_STREAM, renderEvent } from '../../stream/server-sent-events.ts'
import { streamAnswer } from '../../stream/stream.ts'
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { renderError } from '../openai/errors.ts'
import { CompletionRequest } from './schema.ts'

/** Where a prompt mentions picture 1. */
const PICTURE_MARK = /\[img-[^\]]{1,20}\]|<__media__>/g

export async function completion(
  context: HttpContext,
  services: SurfaceServices,
): Promise<Response> {
  const { captioner } = services
  const { model } = captioner
  const request = parseFields(CompletionRequest, await context.get('readJson')())
  refuseGrammars(request)
  const generation = toGeneration({ maxTokens: request.n_predict, stop: request.stop })
  const messages = [{ role: 'user', parts: partsOf(request) }]
  const { json_schema: schema } = request
  const format = schema === undefined || schema === null ? TEXT : jsonFormat(schema, 'json_schema')
  const question = await toQuestion({ messages, generation }, services, context)
  const signal = context.get('signal')

  if (request.stream !== true) {
    const answer = await answerChat(context, services, question, format, { signal })
    return jsonResponse(renderEnd(answer.texts[0], answer, model))
  }
  return streamAnswer(context, services, {
    ...EVENT_STREAM,
    renderFailure: (error) => renderEvent(renderError(error)),
    work: async (write, streamSignal) => {
      const onText = (content: string) => write(renderEvent({ content, stop: false }))
      const answer = await answerChat(context, services, question, format, {
        signal: streamSignal,
        onText,
      })
      return renderEvent(renderEnd('', answer, model))
    },
  })
}

/** Pictures stand in `image_data`, or since 2025 beside the text of the prompt. */
function partsOf({ prompt, image_data: images }: CompletionRequest): Part[] {
  const { prompt_string: written, multimodal_data: data } =
    typeof prompt === 'string' ? { prompt_string: prompt, multimodal_data: [] } : (prompt ?? {})
  const text = (written ?? '').replaceAll(PICTURE_MARK, '').trim()
  const named = [
    ...(images ?? []).map((image, index) => [image.data, `image_data[${index}].data`] as const),
    ...(data ?? []).map((source, index) => [source, `prompt.multimodal_data[${index}]`] as const),
  ]
  return [
    ...(text === '' ? [] : readContent(text, 'prompt')),
    ...named.map(([source, field]) => ({ kind: 'image' as const, source, field })),
  ]
}

function renderEnd(content: string, answer: ChatAnswer, model: ModelDescription): object {
  const { description } = answer
  const reason = description?.finishReason ?? 'stop'
  return {
    content,
    stop: true,
    model: model.id,
    tokens_predicted: description?.usage.completionTokens ?? 0,
    tokens_evaluated: description?.usage.promptTokens ?? 0,
    truncated: false,
    stop_type: STOP_TYPES[reason],
    flocap: renderAnswerExtension(answer, model),
  }
}

const STOP_TYPES = {
  stop: 'eos',
  length: 'limit',
  stop_text: 'word',
} as const satisfies Record<CaptionResult['finishReason'], string>
