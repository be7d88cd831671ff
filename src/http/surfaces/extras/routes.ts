// The SillyTavern Extras API: what the browser page of SillyTavern calls in Extras mode.
//
// Only the module `caption` is announced: SillyTavern switches features on for every name it reads.
import { describePictures } from '../../chat/describe.ts'
import { assertHasImage } from '../../body/image-input.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
import type { HttpContext, Surface, SurfaceServices } from '../../surface.ts'
import { renderError } from './errors.ts'
import { renderCaption } from './render.ts'
import type { ModulesResponse } from './schema.ts'
import * as schema from './schema.ts'

const PATHS = ['/api/modules', '/api/caption']

export function createExtrasSurface(services: SurfaceServices): Surface {
  return {
    name: 'extras',
    description: 'The SillyTavern Extras API, called by the browser page of SillyTavern.',
    owns: (path) => PATHS.includes(path),
    renderError,
    errorBody: schema.ErrorResponse,
    routes: [
      {
        method: 'GET',
        path: '/api/modules',
        summary: 'Lists what this server can do',
        handle: () => jsonResponse({ modules: ['caption'] } satisfies ModulesResponse),
        wire: { response: schema.ModulesResponse },
      },
      {
        method: 'POST',
        path: '/api/caption',
        summary: 'Captions one picture with the default task',
        handle: (context) => caption(context, services),
        wire: { request: schema.CaptionRequest, response: schema.CaptionResponse },
      },
    ],
  }
}

async function caption(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const body = await context.get('readJson')()
  assertHasImage(body)
  const { image } = parseFields(schema.CaptionRequest, body)
  const task = services.settings.defaultTask
  context.get('answerHeaders').set('x-flocap-task', task)
  const question = {
    pictures: [{ bytes: await context.get('readImage')(image, 'image'), labels: [] }],
    choice: { task },
    generation: {},
  }
  const { captioner } = services
  const signal = context.get('signal')
  const description = await describePictures(captioner, question, { signal })
  return jsonResponse(renderCaption(description, captioner.model))
}
