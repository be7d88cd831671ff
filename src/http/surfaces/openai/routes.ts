// OpenAI's HTTP API, as far as a captioner can answer it. SillyTavern (Custom, KoboldCpp,
// llama.cpp, ooba, vLLM), the SDKs, Open WebUI, LibreChat and most other clients speak it.
import { FlocapError } from '../../../base/errors.ts'
import { jsonResponse } from '../../body/json.ts'
import { isServedName, modelNames } from '../../chat/model-names.ts'
import type { HttpContext, Surface, SurfaceServices } from '../../surface.ts'
import { chat } from './chat.ts'
import { renderError } from './errors.ts'
import { renderModel } from './render.ts'
import { responses } from './responses.ts'
import { ResponseEvent, ResponsesRequest, ResponsesResponse } from './responses-schema.ts'
import type { ModelList } from './schema.ts'
import * as schema from './schema.ts'

export function createOpenaiSurface(services: SurfaceServices): Surface {
  return {
    name: 'openai',
    description:
      'Chat completions, responses and models of OpenAI. Every path also works without /v1.',
    prefix: '/v1',
    // Unknown paths are answered in the shape that most clients read.
    owns: () => true,
    renderError,
    errorBody: schema.ErrorResponse,
    routes: [
      {
        method: 'POST',
        path: '/chat/completions',
        summary: 'Describes the pictures of the last message that has any',
        handle: (context) => chat(context, services),
        wire: {
          request: schema.ChatRequest,
          response: schema.ChatResponse,
          stream: { type: 'text/event-stream', event: schema.ChatChunk },
        },
      },
      {
        method: 'POST',
        path: '/responses',
        summary: 'Describes the pictures of the last input that has any',
        handle: (context) => responses(context, services),
        wire: {
          request: ResponsesRequest,
          response: ResponsesResponse,
          stream: { type: 'text/event-stream', event: ResponseEvent },
        },
      },
      {
        method: 'GET',
        path: '/models',
        summary: 'Lists the model, alone and with each task as a suffix',
        handle: () => listModels(services),
        wire: { response: schema.ModelList },
      },
      {
        method: 'GET',
        // Ids contain slashes: `microsoft/Florence-2-large`.
        path: '/models/:id{.+}',
        summary: 'Shows one model',
        handle: (context) => showModel(context, services),
        wire: { response: schema.Model },
      },
    ],
  }
}

function listModels({ captioner: { model } }: SurfaceServices): Response {
  const names = modelNames(model)
  const list: ModelList = {
    object: 'list',
    data: names.map((name) => renderModel(name, model)),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  }
  return jsonResponse(list)
}

function showModel(context: HttpContext, { captioner: { model } }: SurfaceServices): Response {
  const id = context.req.param('id') ?? ''
  if (isServedName(id, model)) return jsonResponse(renderModel(id, model))
  throw new FlocapError('not_found', `FloCap serves the model '${model.id}', not this one.`, {
    hint: 'GET /v1/models lists its names. Captions are given for any model name.',
    subject: 'model',
  })
}
