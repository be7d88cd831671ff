// A captioner in the words of FloCap's own API: makes requests of what is asked and results of what comes back,
// however both travel.
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
import { NativeResponse, type StatusResponse } from '../http/surfaces/native/schema.ts'

/** Has one request answered. @param body of /api/v1/caption @returns the body of its answer */
export type AskNatively = (body: string, hooks: CaptionTasksHooks) => Promise<unknown>

export function createNativeCaptioner(model: ModelDescription, ask: AskNatively): TasksCaptioner {
  return createTasksCaptioner(
    () => model,
    async (request, hooks) => captionThere(ask, model, request, hooks),
  )
}

/** As the server's status describes it. */
export function describeModel({ model }: StatusResponse): ModelDescription {
  return {
    id: model.id,
    demo: model.demo,
    imageSize: model.image_size,
    precision: model.precision,
    parameters: model.parameters,
    createdAt: Date.parse(model.created_at),
    fingerprint: model.fingerprint,
    kernels: '',
  }
}

/** A request to the API has one set of options for all its tasks: each set has a request of its own. */
async function captionThere(
  ask: AskNatively,
  model: ModelDescription,
  request: CaptionTasksRequest,
  { signal, priority, onText }: CaptionTasksHooks = {},
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
      return askThere(ask, model, { ...request, tasks }, hooks)
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
  ask: AskNatively,
  model: ModelDescription,
  request: CaptionTasksRequest,
  hooks: CaptionTasksHooks,
): Promise<readonly CaptionResult[]> {
  const body = JSON.stringify({
    image: Buffer.from(request.picture).toString('base64'),
    ...(request.applyOrientation === undefined
      ? {}
      : { apply_orientation: request.applyOrientation }),
    ...(request.background === undefined ? {} : { background: request.background }),
    ...(hooks.onText === undefined ? {} : { stream: true }),
    tasks: request.tasks.map(toTask),
    ...toGeneration(request.tasks[0]?.generation ?? {}),
  })
  const { images } = NativeResponse.parse(await ask(body, hooks))
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
