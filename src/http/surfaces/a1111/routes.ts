// AUTOMATIC1111's image interrogation, which KoboldCpp copied: KoboldAI Lite calls it from the
// browser.
import type { TaskId } from '../../../caption/tasks.ts'
import { isTaskId } from '../../../caption/tasks.ts'
import { describePictures } from '../../chat/describe.ts'
import { renderExtension } from '../../chat/extension.ts'
import { assertHasImage } from '../../body/image-input.ts'
import { jsonResponse, parseFields, parseJson } from '../../body/json.ts'
import type { HttpContext, Surface, SurfaceServices } from '../../surface.ts'
import { renderError } from './errors.ts'
import * as schema from './schema.ts'

export function createA1111Surface(services: SurfaceServices): Surface {
  const { captioner } = services
  return {
    name: 'a1111',
    description: "AUTOMATIC1111's interrogate, also spoken by KoboldCpp and KoboldAI Lite.",
    owns: (path) => path === '/sdapi' || path.startsWith('/sdapi/'),
    renderError,
    errorBody: schema.ErrorResponse,
    routes: [
      {
        method: 'POST',
        path: '/sdapi/v1/interrogate',
        summary: 'Captions one picture',
        handle: (context) => interrogate(context, services),
        wire: { request: schema.InterrogateRequest, response: schema.InterrogateResponse },
      },
      {
        method: 'GET',
        path: '/sdapi/v1/sd-models',
        summary: 'An empty list: FloCap draws no pictures',
        handle: () => jsonResponse([]),
        wire: { response: schema.SdModelsResponse },
      },
      {
        method: 'GET',
        path: '/sdapi/v1/options',
        summary: 'Names the served model',
        handle: () => jsonResponse({ sd_model_checkpoint: captioner.model.id }),
        wire: { response: schema.OptionsResponse },
      },
    ],
  }
}

async function interrogate(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const { captioner, settings } = services
  const body = parseJson(await context.get('readBody')())
  assertHasImage(body)
  const { image, model } = parseFields(schema.InterrogateRequest, body)
  const task = taskOf(model ?? '', settings.defaultTask)
  context.get('answerHeaders').set('x-flocap-task', task)
  const question = {
    pictures: [{ bytes: await context.get('readImage')(image, 'image'), labels: [] }],
    choice: { task },
    generation: {},
  }
  const description = await describePictures(captioner, question, {
    signal: context.get('signal'),
  })
  return jsonResponse({
    caption: description.texts[0],
    flocap: renderExtension(description, captioner.model),
  })
}

/** Clients offer `clip` and `deepdanbooru`; neither says what the caption should be like. */
function taskOf(model: string, defaultTask: TaskId): TaskId {
  const id = model.toLowerCase()
  return isTaskId(id) ? id : defaultTask
}
