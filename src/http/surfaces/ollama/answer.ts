// What /api/generate and /api/chat share: an answer as one object, or as a stream of lines.
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { answerChat } from '../../chat/answer-chat.ts'
import type { AnswerFormat } from '../../chat/answer-format.ts'
import type { Question } from '../../chat/describe.ts'
import type { TextOnly } from '../../chat/question.ts'
import { toGeneration } from '../../chat/generation.ts'
import { jsonResponse } from '../../body/json.ts'
import { streamAnswer } from '../../stream/stream.ts'
import { renderError } from './errors.ts'
import type { AnswerShape } from './render.ts'
import { renderEnd, renderPiece } from './render.ts'
import type { GenerateRequest } from './schema.ts'

const NDJSON = 'application/x-ndjson'

type SharedFields = Pick<GenerateRequest, 'stream' | 'options'>

export async function answer(
  context: HttpContext,
  services: SurfaceServices,
  request: SharedFields,
  question: Question | TextOnly,
  format: AnswerFormat,
  shape: AnswerShape,
): Promise<Response> {
  const { model } = services.captioner
  const signal = context.get('signal')
  const called = format.kind === 'tool' ? format.name : undefined

  if (request.stream === false) {
    const whole = await answerChat(context, services, question, format, { signal })
    return jsonResponse(renderEnd(model, shape, { text: whole.texts[0], called }, whole))
  }
  return streamAnswer(context, services, {
    contentType: NDJSON,
    // NDJSON has no comments; a piece without text is one that clients add to theirs.
    signOfLife: line(renderPiece(model, shape, '')),
    renderFailure: (error) => line(renderError(error)),
    work: async (write, streamSignal) => {
      const onText = (text: string) => write(line(renderPiece(model, shape, text)))
      // Arguments are an object here, which has no pieces.
      const hooks = { signal: streamSignal, ...(called === undefined ? { onText } : {}) }
      const whole = await answerChat(context, services, question, format, hooks)
      const rest = called === undefined ? '' : whole.texts[0]
      return line(renderEnd(model, shape, { text: rest, called }, whole))
    },
  })
}

export function generationOf(options: GenerateRequest['options']) {
  return toGeneration({ maxTokens: options?.num_predict, stop: options?.stop })
}

function line(object: object): string {
  return `${JSON.stringify(object)}\n`
}
