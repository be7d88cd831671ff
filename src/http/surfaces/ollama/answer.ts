// What /api/generate and /api/chat share: an answer as one object, or as a stream of lines.
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { answerChat } from '../../chat/answer-chat.ts'
import type { AnswerFormat } from '../../chat/answer-format.ts'
import { TEXT, toJsonFormat } from '../../chat/answer-format.ts'
import type { Question } from '../../chat/describe.ts'
import { toGeneration } from '../../chat/generation.ts'
import { jsonResponse } from '../../body/json.ts'
import { streamAnswer } from '../../stream/stream.ts'
import { renderError } from './errors.ts'
import type { AnswerShape } from './render.ts'
import { renderEnd, renderPiece } from './render.ts'
import type { GenerateRequest } from './schema.ts'

const NDJSON = 'application/x-ndjson'

type SharedFields = Pick<GenerateRequest, 'format' | 'stream' | 'options'>

export async function answer(
  context: HttpContext,
  services: SurfaceServices,
  request: SharedFields,
  question: Question | undefined,
  shape: AnswerShape,
): Promise<Response> {
  const { captioner } = services
  const { model } = captioner
  const format = toFormat(request.format)
  const signal = context.get('signal')

  if (request.stream === false) {
    const whole = await answerChat(captioner, question, format, { signal })
    return jsonResponse(renderEnd(model, shape, whole.texts[0], whole))
  }
  return streamAnswer(context, services, {
    contentType: NDJSON,
    // NDJSON has no comments; a piece without text is one that clients add to theirs.
    signOfLife: line(renderPiece(model, shape, '')),
    renderFailure: (error) => line(renderError(error)),
    work: async (write, streamSignal) => {
      const onText = (text: string) => write(line(renderPiece(model, shape, text)))
      const whole = await answerChat(captioner, question, format, { signal: streamSignal, onText })
      return line(renderEnd(model, shape, '', whole))
    },
  })
}

export function generationOf(options: GenerateRequest['options']) {
  return toGeneration({ maxTokens: options?.num_predict, stop: options?.stop })
}

/** `"json"`, a schema, or nothing: an empty string means nothing too. */
function toFormat(format: unknown): AnswerFormat {
  const asked = format === 'json' || (typeof format === 'object' && format !== null)
  return asked ? toJsonFormat(format) : TEXT
}

function line(object: object): string {
  return `${JSON.stringify(object)}\n`
}
