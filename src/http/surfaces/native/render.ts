// Answers of FloCap's own API.
import type { Batches } from '../../../batches/batches.ts'
import type { CaptionAlternative, CaptionResult } from '../../../caption/captioner.ts'
import type { ModelDescription } from '../../../caption/ports.ts'
import { TASK_IDS, TASKS } from '../../../caption/tasks.ts'
import type { TaskId } from '../../../caption/tasks.ts'
import type { SurfaceServices } from '../../surface.ts'
import type {
  AlternativeBody,
  ImageAnswersBody,
  NativeResponseBody,
  Overlay,
  StatusResponse,
  TaskAnswerBody,
  TasksResponse,
} from './schema.ts'
import { MAX_TASKS } from './tasks.ts'

/** One picture with what was found on it. */
export interface AnsweredPicture {
  readonly name?: string
  readonly results: readonly CaptionResult[]
  /** One for each result, or none at all. */
  readonly overlays: readonly Overlay[]
  /** What text rules leave of each result; none without rules. */
  readonly captions: readonly (string | null)[]
}

export function renderAnswers(
  pictures: readonly AnsweredPicture[],
  model: ModelDescription,
): NativeResponseBody {
  return { model: model.id, demo: model.demo, images: pictures.map((each) => renderPicture(each)) }
}

/** Captions alone, for people and pipes: a line for each, named where there are several pictures. */
export function renderPlainText(pictures: readonly AnsweredPicture[]): string {
  const lines = pictures.flatMap(({ name, results, captions }, index) =>
    results.map((result, place) => {
      const { [place]: caption = result.text } = captions
      const line = caption ?? ''
      return pictures.length === 1 ? line : `${name ?? `Image ${index + 1}`}: ${line}`
    }),
  )
  return `${lines.join('\n')}\n`
}

function renderPicture({ name, results, overlays, captions }: AnsweredPicture): ImageAnswersBody {
  const { width, height } = results[0]?.picture ?? { width: 0, height: 0 }
  return {
    ...(name === undefined ? {} : { name }),
    width,
    height,
    answers: results.map((result, index) => renderTask(result, overlays[index], captions[index])),
  }
}

function renderTask(
  result: CaptionResult,
  overlay: Overlay | undefined,
  caption: string | null | undefined,
): TaskAnswerBody {
  return {
    task: result.task,
    ...renderAlternative(result),
    ...(caption === undefined ? {} : { caption }),
    alternatives: result.alternatives.map((alternative) => renderAlternative(alternative)),
    usage: {
      prompt_tokens: result.usage.promptTokens,
      completion_tokens: result.usage.completionTokens,
    },
    timings_ms: { ...result.timings },
    cached: result.cached ?? false,
    ...(overlay === undefined ? {} : { overlay }),
  }
}

function renderAlternative(answer: CaptionAlternative): AlternativeBody {
  return {
    text: answer.text,
    data: answer.data,
    confidence: answer.confidence,
    finish_reason: answer.finishReason,
  }
}

export function renderTasks(defaultTask: TaskId): TasksResponse {
  return {
    default_task: defaultTask,
    tasks: TASK_IDS.map((id) => {
      const { token, title, group, names, takes, answer, family, defaultInput } = TASKS[id]
      return {
        id,
        token,
        title,
        group,
        names: [...names],
        takes,
        answer,
        family,
        default_input: defaultInput ?? null,
      }
    }),
  }
}

export function renderStatus(services: SurfaceServices): StatusResponse {
  const { captioner, readiness, serveCommand, settings, version } = services
  const { model } = captioner
  const state = readiness()
  return {
    version: version ?? null,
    serve_command: serveCommand ?? null,
    ready: state.ready,
    reason: state.ready ? null : state.reason,
    model: {
      id: model.id,
      demo: model.demo,
      image_size: model.imageSize,
      precision: model.precision,
      fingerprint: model.fingerprint,
      parameters: model.parameters,
      task_tokens: [...(model.taskTokens ?? [])],
      created_at: new Date(model.createdAt).toISOString(),
    },
    batches: services.batches === undefined ? null : renderBatches(services.batches),
    limits: {
      max_body_bytes: settings.maxBodyBytes,
      max_images: settings.maxImages,
      max_tasks: MAX_TASKS,
    },
  }
}

function renderBatches(batches: Batches): NonNullable<StatusResponse['batches']> {
  const { limits } = batches
  return {
    ...batches.summary(),
    limits: {
      max_file_bytes: limits.maxFileBytes,
      max_lines: limits.maxLines,
      max_stored_bytes: limits.maxStoredBytes,
    },
  }
}
