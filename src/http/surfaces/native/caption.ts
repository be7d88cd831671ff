// POST /api/v1/caption: pictures times tasks.
import { FlocapError } from '../../../base/errors.ts'
import type {
  CaptionResult,
  CaptionTasksHooks,
  TaskRequest,
  TasksCaptioner,
} from '../../../caption/captioner.ts'
import { jsonResponse } from '../../body/json.ts'
import { assertImageCount } from '../../chat/frames.ts'
import { ownTokens } from '../../chat/own-tokens.ts'
import { EVENT_STREAM, renderEvent } from '../../stream/server-sent-events.ts'
import { streamAnswer } from '../../stream/stream.ts'
import type { HttpContext, SurfaceServices } from '../../surface.ts'
import { renderError } from './errors.ts'
import type { NamedPicture, NativeInput } from './input.ts'
import { readInput } from './input.ts'
import { drawOverlay, drawWhole, type SeenPicture } from './overlay.ts'
import type { AnsweredPicture } from './render.ts'
import { renderAnswers, renderPlainText } from './render.ts'
import { taskNames, toTasks } from './tasks.ts'
import { refuseRules, type ToCaption, toCaptionRules } from './text-rules.ts'
import { toView } from './view.ts'

interface Work {
  readonly input: NativeInput
  readonly toCaption: ToCaption | undefined
  readonly tasks: readonly TaskRequest[]
}

interface WorkHooks {
  readonly signal: AbortSignal
  readonly onText?: (image: number, answer: number, text: string) => void
}

export async function caption(context: HttpContext, services: SurfaceServices): Promise<Response> {
  const input = await readInput(context, services.settings.maxImages)
  const tasks = toTasks(
    input.fields,
    services.settings.defaultTask,
    await ownTokens({ names: taskNames(input.fields) }, services, context),
  )
  const toCaption = toCaptionRules(input.fields)
  assertPictures(input.pictures, services.settings.maxImages)
  context.get('answerHeaders').set('x-flocap-task', tasks.map(({ task }) => task).join(', '))
  const work = { input, tasks, toCaption }
  if (input.fields.stream === true) return stream(context, work, services)

  const drawing = wholeDrawing(context.req.header('accept') ?? '')
  if (drawing !== undefined) return draw(drawing, context, work, services)
  const pictures = await answerAll(work, services, { signal: context.get('signal') })
  if ((context.req.header('accept') ?? '').startsWith('text/plain')) {
    return new Response(renderPlainText(pictures), {
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })
  }
  return jsonResponse(renderAnswers(pictures, services.captioner.model))
}

function assertPictures(pictures: readonly NamedPicture[], limit: number): void {
  if (pictures.length === 0) {
    throw new FlocapError('missing_image', 'The request has no picture.', {
      hint: "Send the file as the body, in a form, or as base64 in the JSON field 'image'.",
      subject: 'image',
    })
  }
  assertImageCount(pictures.length, limit)
  const empty = pictures.findIndex(({ bytes }) => bytes.byteLength === 0)
  if (empty !== -1) {
    throw new FlocapError('empty_image_file', `Picture ${empty + 1} of the request has no bytes.`)
  }
}

async function answerAll(
  { input, tasks, toCaption }: Work,
  services: SurfaceServices,
  { signal, onText }: WorkHooks,
): Promise<AnsweredPicture[]> {
  const answered: AnsweredPicture[] = []
  for (const [image, { bytes, name }] of input.pictures.entries()) {
    const picture = { bytes, view: toView(input.fields) }
    const results = await answerTasks(services.captioner, picture, tasks, {
      signal,
      ...priorityOf(input),
      ...(onText === undefined
        ? {}
        : { onText: (answer: number, text: string) => onText(image, answer, text) }),
    })
    const { overlay } = input.fields
    const overlays =
      overlay === undefined
        ? []
        : await Promise.all(
            results.map((result) => drawOverlay(overlay, picture, result, services)),
          )
    const captions = toCaption === undefined ? [] : results.map(toCaption)
    answered.push({ ...(name === undefined ? {} : { name }), results, overlays, captions })
  }
  return answered
}

function priorityOf({ fields: { priority } }: NativeInput): Pick<CaptionTasksHooks, 'priority'> {
  return priority === undefined ? {} : { priority }
}

/** In one pass of the vision encoder. */
async function answerTasks(
  captioner: TasksCaptioner,
  { bytes, view }: SeenPicture,
  tasks: readonly TaskRequest[],
  hooks: CaptionTasksHooks,
): Promise<readonly CaptionResult[]> {
  return captioner.captionTasks({ picture: bytes, ...view, tasks }, hooks)
}

function stream(context: HttpContext, work: Work, services: SurfaceServices): Promise<Response> {
  return streamAnswer(context, services, {
    ...EVENT_STREAM,
    renderFailure: (error) => renderEvent(renderError(error, context.get('requestId')), 'error'),
    work: async (write, signal) => {
      const pictures = await answerAll(work, services, {
        signal,
        onText: (image, answer, text) =>
          write(renderEvent({ image, answer, text }, 'answer-delta')),
      })
      return renderEvent(renderAnswers(pictures, services.captioner.model), 'answer-end')
    },
  })
}

/** Browsers accept any image behind HTML; only a wish for nothing else counts. */
function wholeDrawing(accept: string): 'svg' | 'png' | undefined {
  if (accept.startsWith('image/svg+xml')) return 'svg'
  return accept.startsWith('image/png') ? 'png' : undefined
}

async function draw(
  kind: 'svg' | 'png',
  context: HttpContext,
  { input, tasks }: Work,
  services: SurfaceServices,
): Promise<Response> {
  refuseRules(input.fields)
  const [first] = input.pictures
  if (first === undefined || input.pictures.length > 1 || tasks.length > 1) {
    throw new FlocapError('invalid_request', 'A drawing shows one task on one picture.', {
      hint: "Ask for JSON with the field 'overlay' to get several.",
    })
  }
  const signal = context.get('signal')
  const picture = { bytes: first.bytes, view: toView(input.fields) }
  const [result] = await answerTasks(services.captioner, picture, tasks, {
    signal,
    ...priorityOf(input),
  })
  if (result === undefined) throw new TypeError('One task has one result.')
  return drawWhole(kind, picture, result, services)
}
