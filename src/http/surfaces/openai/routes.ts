// OpenAI's HTTP API, as far as a captioner can answer it. SillyTavern (Custom, KoboldCpp,
// llama.cpp, ooba, vLLM), the SDKs, Open WebUI, LibreChat and most other clients speak it.
import { describePictures } from '../../describe.ts'
import { toGeneration } from '../../generation.ts'
import { jsonResponse, parseFields, parseJson } from '../../json.ts'
import { modelNames } from '../../model-names.ts'
import { TEXT_ONLY_ANSWER, toQuestion } from '../../question.ts'
import type { HttpContext, Surface, SurfaceServices } from '../../surface.ts'
import { renderError } from './errors.ts'
import { toMessages } from './messages.ts'
import { renderChat, renderModel } from './render.ts'
import type { ChatRequest, ModelList } from './schema.ts'
import * as schema from './schema.ts'

export function createOpenaiSurface(services: SurfaceServices): Surface {
  return {
    name: 'openai',
    description: 'OpenAI chat completions and models.',
    // Unknown paths are answered in the shape that most clients read.
    owns: () => true,
    renderError,
    routes: [
      {
        method: 'POST',
        path: '/chat/completions',
        summary: 'Describes the pictures of the last message that has any',
        handle: (context) => chat(context, services),
        wire: { request: schema.ChatRequest, response: schema.ChatResponse },
      },
      {
        method: 'GET',
        path: '/models',
        summary: 'Lists the model, alone and with each task as a suffix',
        handle: () => listModels(services),
        wire: { response: schema.ModelList },
      },
    ],
  }
}

async function chat(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const request = parseFields(schema.ChatRequest, parseJson(await context.get('readBody')()))
  const question = toQuestion(
    {
      messages: toMessages(request.messages),
      model: request.model ?? undefined,
      generation: generationOf(request),
    },
    services,
  )
  context.get('answerHeaders').set('x-flocap-task', question?.choice.task ?? 'none')
  const { captioner } = services
  if (question === undefined) {
    return jsonResponse(renderChat(undefined, [TEXT_ONLY_ANSWER], captioner.model))
  }
  const signal = context.get('signal')
  const description = await describePictures(captioner, question, { signal })
  return jsonResponse(renderChat(description, description.texts, captioner.model))
}

function generationOf(request: ChatRequest) {
  const { stop } = request
  return toGeneration({
    maxTokens: request.max_completion_tokens ?? request.max_tokens,
    answers: request.n,
    stop: typeof stop === 'string' ? [stop] : (stop ?? []),
  })
}

function listModels({ captioner: { model } }: SurfaceServices): Response {
  const list: ModelList = {
    object: 'list',
    data: modelNames(model.id).map((name) => renderModel(name, model)),
  }
  return jsonResponse(list)
}
