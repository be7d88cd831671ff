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
import { NativeResponse } from '../http/surfaces/native/schema.ts'
import { readAnswerEvents } from './answer-events.ts'
import { askServer, type RemoteOptions } from './ask-server.ts'
import { readStatus } from './server-model.ts'

/** @throws FlocapError when no FloCap answers there, or not with this key. */
export async function connectCaptioner(options: RemoteOptions): Promise<TasksCaptioner> {
  const { model } = await readStatus(options)
  const description: ModelDescription = {
    id: model.id,
    demo: model.demo,
    imageSize: model.image_size,
    precision: model.precision,
    parameters: model.parameters,
    createdAt: Date.parse(model.created_at),
    fingerprint: model.fingerprint,
    kernels: '',
  }
  return createTasksCaptioner(
    () => description,
    async (request, hooks) => captionThere(options, description, request, hooks),
  )
}

/** A request to the API has one set of options for all its tasks: each set has a request of its own. */
async function captionThere(
  options: RemoteOptions,
  model: ModelDescription,
  request: CaptionTasksRequest,
  { signal, priority = options.priority, onText }: CaptionTasksHooks = {},
): Promise<readonly CaptionResult[]> {
  const places = groupBySearch(request)
  const answered = await Promise.all(
    places.map(async (own) => {
      const tasks = own.map((place) => request.tasks[place]!)
      const hooks: CaptionTasksHooks = {
        ...(signal === undefined ? {} : { signal }),
        ...(priority === undefined ? {} : { priority }),
        ...(onText === undefined ? {} : { onText: (task, text) => onText(own[task]!, text) }),
      }
      return askThere(options, model, { ...request, tasks }, hooks)
    }),
  )
  const results: CaptionResult[] = []
  for (const [group, own] of places.entries()) {
    for (const [index, place] of own.entries()) results[place] = answered[group]![index]!
  }
  return results
}

/** The places of the tasks that are searched for in the same way. */
function groupBySearch({ tasks }: CaptionTasksRequest): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>()
  for (const [place, { generation = {} }] of tasks.entries()) {
    const key = JSON.stringify(toGeneration(generation))
    groups.set(key, [...(groups.get(key) ?? []), place])
  }
  return [...groups.values()]
}

async function askThere(
  options: RemoteOptions,
  model: ModelDescription,
  request: CaptionTasksRequest,
  { signal, priority, onText }: CaptionTasksHooks,
): Promise<readonly CaptionResult[]> {
  const body = JSON.stringify({
    image: Buffer.from(request.picture).toString('base64'),
    ...(request.applyOrientation === undefined
      ? {}
      : { apply_orientation: request.applyOrientation }),
    ...(request.background === undefined ? {} : { background: request.background }),
    ...(onText === undefined ? {} : { stream: true }),
    tasks: request.tasks.map(toTask),
    ...toGeneration(request.tasks[0]?.generation ?? {}),
  })
  let isTold = false
  const read =
    onText === undefined
      ? readJson
      : async (response: Response) =>
          readAnswerEvents(response, (task, text) => {
            isTold = true
            onText(task, text)
          })
  // In the address, so that a full server refuses it before it reads the picture.
  const path = priority === undefined ? 'caption' : `caption?priority=${priority}`
  // Text that was passed on cannot be taken back, and a second answer would tell it again.
  const mayAskAgain = (): boolean => !isTold
  const answered = await askServer(options, path, body, signal, read, mayAskAgain)
  const { images } = NativeResponse.parse(answered)
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

async function readJson(response: Response): Promise<unknown> {
  return response.json()
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
