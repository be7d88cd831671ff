// A captioner that is a FloCap elsewhere, over its own API: used as one in this process is.
import { FlocapError } from '../base/errors.ts'
import type {
  CaptionResult,
  CaptionTasksHooks,
  CaptionTasksRequest,
  TaskRequest,
  TasksCaptioner,
} from '../caption/captioner.ts'
import type { GenerationOptions, ModelDescription } from '../caption/ports.ts'
import { createTasksCaptioner } from '../caption/tasks-captioner.ts'
import { isTaskId } from '../caption/tasks.ts'
import { NativeResponse, StatusResponse } from '../http/surfaces/native/schema.ts'
import { askServer, type RemoteOptions } from './ask-server.ts'

/** @throws FlocapError when no FloCap answers there, or not with this key. */
export async function connectCaptioner(options: RemoteOptions): Promise<TasksCaptioner> {
  const status = await askServer(options, 'status', undefined, undefined)
  const { model } = StatusResponse.parse(status)
  const description: ModelDescription = {
    id: model.id,
    demo: model.demo,
    imageSize: model.image_size,
    precision: model.precision,
    parameters: model.parameters,
    createdAt: Date.parse(model.created_at),
    // Answers are not cached here: whoever asks there has a cache.
    fingerprint: '',
    kernels: '',
  }
  return createTasksCaptioner(
    () => description,
    async (request, hooks) => captionThere(options, description, request, hooks),
  )
}

async function captionThere(
  options: RemoteOptions,
  model: ModelDescription,
  request: CaptionTasksRequest,
  { signal }: CaptionTasksHooks = {},
): Promise<readonly CaptionResult[]> {
  const body = JSON.stringify({
    image: Buffer.from(request.picture).toString('base64'),
    ...(request.applyOrientation === undefined
      ? {}
      : { apply_orientation: request.applyOrientation }),
    tasks: request.tasks.map(toTask),
    ...toGeneration(request.tasks[0]?.generation ?? {}),
  })
  const { images } = NativeResponse.parse(await askServer(options, 'caption', body, signal))
  const [image] = images
  if (image === undefined || image.answers.length !== request.tasks.length) {
    throw new FlocapError('internal_error', 'The server did not answer each task.')
  }
  return image.answers.map((answer): CaptionResult => {
    if (!isTaskId(answer.task)) {
      throw new FlocapError('unknown_task', `The server answered the task ${answer.task}.`)
    }
    return {
      task: answer.task,
      text: answer.text,
      data: answer.data,
      alternatives: answer.alternatives.map(({ finish_reason: finishReason, ...rest }) => ({
        ...rest,
        finishReason,
      })),
      finishReason: answer.finish_reason,
      confidence: answer.confidence,
      usage: {
        promptTokens: answer.usage.prompt_tokens,
        completionTokens: answer.usage.completion_tokens,
      },
      picture: { width: image.width, height: image.height },
      model,
      timings: answer.timings_ms,
      ...(answer.cached ? { cached: true as const } : {}),
    }
  })
}

function toTask({ task, input, region }: TaskRequest) {
  return {
    task,
    ...(input === undefined ? {} : { input }),
    ...(region === undefined ? {} : { region: region.box, region_unit: region.unit }),
  }
}

/** One set of options for all tasks of a request, as the API has it. */
function toGeneration(generation: Partial<GenerationOptions>) {
  const { sampling, ...options } = generation
  return {
    num_beams: options.numBeams,
    max_new_tokens: options.maxNewTokens,
    early_stopping: options.earlyStopping,
    length_penalty: options.lengthPenalty,
    no_repeat_ngram_size: options.noRepeatNgramSize,
    num_return_sequences: options.numReturnSequences,
    stopping_rule: options.stoppingRule,
    prefix: options.prefix,
    stop: options.stop,
    temperature: sampling?.temperature,
    top_p: sampling?.topP,
    seed: sampling?.seed,
  }
}
