// Ollama's HTTP API, as far as a captioner can answer it. SillyTavern (Ollama), Open WebUI,
// Home Assistant, PhotoPrism, ComfyUI nodes and LangChain speak it.
import { FlocapError } from '../../../base/errors.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
import { isServedName } from '../../chat/model-names.ts'
import type { HttpContext, Surface, SurfaceServices } from '../../surface.ts'
import { chat, generate } from './chat.ts'
import { renderError } from './errors.ts'
import { renderListed, renderRunning, renderShow, tagNames } from './render-models.ts'
import * as schema from './schema.ts'

/** The release whose API is followed: clients compare it with the least that they need. */
const API_VERSION = '0.12.6'

export function createOllamaSurface(services: SurfaceServices): Surface {
  const { captioner, readiness } = services
  return {
    name: 'ollama',
    description: "Ollama's generate and chat, and the lists that its clients look at first.",
    owns: (path) => path === '/api' || path.startsWith('/api/'),
    renderError,
    errorBody: schema.ErrorResponse,
    routes: [
      {
        method: 'POST',
        path: '/api/generate',
        summary: 'Describes pictures; streams unless `stream` is false',
        handle: (context) => generate(context, services),
        wire: {
          request: schema.GenerateRequest,
          response: schema.GenerateResponse,
          stream: { type: 'application/x-ndjson', event: schema.GenerateResponse },
        },
      },
      {
        method: 'POST',
        path: '/api/chat',
        summary: 'Describes the pictures of the last message that has any; streams likewise',
        handle: (context) => chat(context, services),
        wire: {
          request: schema.ChatRequest,
          response: schema.ChatResponse,
          stream: { type: 'application/x-ndjson', event: schema.ChatResponse },
        },
      },
      {
        method: 'GET',
        path: '/api/tags',
        summary: 'Lists the model, alone and with each task as a tag',
        handle: () => {
          const { model } = captioner
          return jsonResponse({
            models: tagNames(model).map((name) => renderListed(name, model)),
          })
        },
        wire: { response: schema.TagsResponse },
      },
      {
        method: 'GET',
        path: '/api/ps',
        summary: 'Lists the model when it is loaded',
        handle: () => {
          const { model } = captioner
          const running = readiness().ready ? [renderRunning(`${model.id}:latest`, model)] : []
          return jsonResponse({ models: running })
        },
        wire: { response: schema.PsResponse },
      },
      {
        method: 'POST',
        path: '/api/show',
        summary: 'Shows what the model is and can do',
        handle: async (context) => {
          await readServedName(context, services)
          return jsonResponse(renderShow(captioner.model))
        },
        wire: { request: schema.NameRequest, response: schema.ShowResponse },
      },
      {
        method: 'POST',
        path: '/api/pull',
        summary: 'Succeeds for the served model, which is there already',
        handle: async (context) => {
          const { stream } = await readServedName(context, services)
          const body = { status: 'success' }
          if (stream === false) return jsonResponse(body)
          return new Response(`${JSON.stringify(body)}\n`, {
            headers: { 'content-type': 'application/x-ndjson' },
          })
        },
        wire: { request: schema.NameRequest, response: schema.PullResponse },
      },
      {
        method: 'GET',
        path: '/api/version',
        summary: 'The release of Ollama whose API is followed',
        handle: () => jsonResponse({ version: API_VERSION }),
        wire: { response: schema.VersionResponse },
      },
    ],
  }
}

/** @throws FlocapError model_not_found: captions are given for any name, but these are statements. */
async function readServedName(
  context: HttpContext,
  { captioner: { model } }: SurfaceServices,
): Promise<schema.NameRequest> {
  const request = parseFields(schema.NameRequest, await context.get('readJson')())
  const name = request.model ?? request.name ?? ''
  if (isServedName(name, model)) return request
  throw new FlocapError('model_not_found', `FloCap serves the model '${model.id}', not this one.`, {
    hint: 'GET /api/tags lists its names. Captions are given for any model name.',
    subject: 'model',
  })
}
