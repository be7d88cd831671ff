// AUTOMATIC1111's image interrogation, which KoboldCpp copied and SD.Next extended: KoboldAI Lite
// calls it from the browser.
import type { TaskId } from '../../../caption/tasks.ts'
import { isTaskId, TASK_IDS, TASKS } from '../../../caption/tasks.ts'
import { answerChat } from '../../chat/answer-chat.ts'
import { TEXT } from '../../chat/answer-format.ts'
import { describePictures } from '../../chat/describe.ts'
import { toGeneration } from '../../chat/generation.ts'
import { renderExtension } from '../../chat/extension.ts'
import { modelNames } from '../../chat/model-names.ts'
import { readContent } from '../../chat/parts.ts'
import { toQuestion } from '../../chat/question.ts'
import { assertHasImage } from '../../body/image-input.ts'
import { jsonResponse, parseFields } from '../../body/json.ts'
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
        summary: 'One model that draws nothing: KoboldAI Lite does not connect to an empty list',
        handle: () => jsonResponse([INACTIVE_MODEL]),
        wire: { response: schema.SdModelsResponse },
      },
      {
        method: 'GET',
        path: '/sdapi/v1/options',
        summary: 'Names the served model',
        handle: () =>
          jsonResponse({ samples_format: 'png', sd_model_checkpoint: captioner.model.id }),
        wire: { response: schema.OptionsResponse },
      },
      {
        method: 'GET',
        path: '/sdapi/v1/interrogate',
        summary: 'Lists the names that interrogate takes as its model, as SD.Next does',
        handle: () => jsonResponse(modelNames(captioner.model)),
        wire: { response: schema.NamesResponse },
      },
      {
        method: 'POST',
        path: '/sdapi/v1/vqa',
        summary: "Answers a question that is a task of Florence-2; SD.Next's route",
        handle: async (context) => {
          const { text } = await answerQuestion(context, services)
          return jsonResponse({ answer: text, annotated_image: null })
        },
        wire: { request: schema.VqaRequest, response: schema.VqaResponse },
      },
      {
        method: 'GET',
        path: '/sdapi/v1/vqa/models',
        summary: 'Lists the model with the prompts that it knows',
        handle: () => jsonResponse([renderVqaModel(captioner.model.id)]),
        wire: { response: schema.VqaModelsResponse },
      },
      {
        method: 'POST',
        path: '/sdapi/v1/caption',
        summary: "Captions one picture; SD.Next's one route for all its captioners",
        handle: async (context) => {
          const { text, backend } = await answerQuestion(context, services)
          return jsonResponse({ backend, caption: text, answer: text })
        },
        wire: { request: schema.VqaRequest, response: schema.CaptionResponse },
      },
    ],
  }
}

/** As KoboldCpp says that no model for drawing is loaded. */
const INACTIVE_MODEL = {
  title: 'inactive',
  model_name: 'inactive',
  hash: null,
  sha256: null,
  filename: 'inactive',
  config: null,
}

function renderVqaModel(id: string) {
  return {
    name: id,
    repo: id,
    prompts: TASK_IDS.filter((task) => TASKS[task].family === 'florence2').map(
      (task) => TASKS[task].token,
    ),
    capabilities: ['vision', 'caption', 'detection', 'ocr'],
  }
}

async function answerQuestion(context: HttpContext, services: SurfaceServices) {
  const body = await context.get('readJson')()
  assertHasImage(body)
  const request = parseFields(schema.VqaRequest, body)
  const { image, model, question, prompt, system, backend } = request
  const generation = toGeneration({ maxTokens: request.max_tokens })
  const messages = [
    { role: 'system', parts: readContent(system, 'system') },
    {
      role: 'user',
      parts: [
        ...readContent(prompt, 'prompt'),
        ...readContent(question, 'question'),
        { kind: 'image' as const, source: image, field: 'image' },
      ],
    },
  ]
  const asked = await toQuestion({ messages, model, generation }, services, context)
  const signal = context.get('signal')
  const { texts } = await answerChat(context, services, asked, TEXT, { signal })
  return { text: texts[0], backend: backend ?? 'vlm' }
}

async function interrogate(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const { captioner, settings } = services
  const body = await context.get('readJson')()
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
