// KoboldAI's own API, with KoboldCpp's pictures: what KoboldAI Lite and its kin speak besides chat.
import { answerChat } from '../../chat/answer-chat.ts'
import { TEXT } from '../../chat/answer-format.ts'
import { toGeneration } from '../../chat/generation.ts'
import { refuseGrammars } from '../../chat/grammars.ts'
import { readMessage } from '../../chat/parts.ts'
import { toQuestion } from '../../chat/question.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
import type { HttpContext, Surface, SurfaceServices } from '../../surface.ts'
import { renderError } from '../openai/errors.ts'
import { ErrorResponse } from '../openai/schema.ts'
import * as schema from './schema.ts'

/** The release of KoboldAI whose API KoboldCpp follows. */
const API_VERSION = '1.2.5'

/** Positions of Florence-2's text encoder. */
const CONTEXT_LENGTH = 1024

const PREFIX = '/api/v1'

export function createKoboldSurface(services: SurfaceServices): Surface {
  const paths = ['generate', 'model', 'info/version', 'config/max_context_length']
  return {
    name: 'kobold',
    description: "KoboldAI's generate, with KoboldCpp's pictures.",
    owns: (path) => paths.some((name) => path === `${PREFIX}/${name}`),
    renderError,
    errorBody: ErrorResponse,
    routes: [
      {
        method: 'POST',
        path: `${PREFIX}/generate`,
        summary: 'Describes the pictures of a request',
        handle: (context) => generate(context, services),
        wire: { request: schema.GenerateRequest, response: schema.GenerateResponse },
      },
      {
        method: 'GET',
        path: `${PREFIX}/model`,
        summary: 'Names the model as KoboldCpp does',
        handle: () => jsonResponse({ result: `koboldcpp/${services.captioner.model.id}` }),
        wire: { response: schema.ResultResponse },
      },
      {
        method: 'GET',
        path: `${PREFIX}/info/version`,
        summary: "The release of KoboldAI's API that is followed",
        handle: () => jsonResponse({ result: API_VERSION }),
        wire: { response: schema.ResultResponse },
      },
      {
        method: 'GET',
        path: `${PREFIX}/config/max_context_length`,
        summary: 'Tokens that the model reads',
        handle: () => jsonResponse({ value: CONTEXT_LENGTH }),
        wire: { response: schema.ValueResponse },
      },
    ],
  }
}

async function generate(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const request = parseFields(schema.GenerateRequest, await context.get('readJson')())
  refuseGrammars(request)
  const { captioner } = services
  const { prompt, images, memory, max_length: maxTokens, stop_sequence: stop } = request
  const messages = [
    { role: 'system', parts: readMessage({ content: memory }, '').parts },
    readMessage({ content: prompt, images }, ''),
  ]
  const generation = toGeneration(
    { maxTokens, stop, answers: request.n },
    captioner.model.generation?.numBeams,
  )
  const question = await toQuestion({ messages, generation }, services, context)
  const signal = context.get('signal')
  const { texts, description } = await answerChat(context, services, question, TEXT, { signal })
  return jsonResponse({
    results: texts.map((text) => ({
      text,
      finish_reason: description?.finishReason === 'length' ? 'length' : 'stop',
      prompt_tokens: description?.usage.promptTokens ?? 0,
      completion_tokens: description?.usage.completionTokens ?? 0,
    })),
  })
}
