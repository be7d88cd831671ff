// Makes a Captioner of a VisionModel: task -> prompt -> model -> parsed answer -> result.
import { type Background, DEFAULT_BACKGROUND } from '../base/background.ts'
import { FlocapError } from '../base/errors.ts'
import { createAnswerStream } from './answer-stream.ts'
import type { AnswerStream } from './answer-stream.ts'
import type {
  CaptionAlternative,
  CaptionResult,
  CaptionTasksHooks,
  CaptionTasksRequest,
  TaskRequest,
  TasksCaptioner,
} from './captioner.ts'
import { cleanText } from './clean-text.ts'
import { toConfidence } from './confidence.ts'
import { DEFAULT_GENERATION, resolveGeneration } from './generation.ts'
import { parseAnswer } from './parse/parse-answer.ts'
import type { ParseOptions } from './parse/parse-answer.ts'
import type {
  GenerationOptions,
  PictureSize,
  Query,
  QueryAnswer,
  Sequence,
  VisionAnswer,
  VisionHooks,
  VisionModel,
} from './ports.ts'
import { digestPicture } from './picture-digest.ts'
import { renderPrompt } from './prompt.ts'
import { orNothing, renderAnswer } from './render-answer.ts'
import { TASK_IDS, TASKS, isTaskId } from './tasks.ts'
import type { TaskId } from './tasks.ts'
import { createTasksCaptioner } from './tasks-captioner.ts'
import { createScores } from './token-scores.ts'

/** As many tasks as there are, for one picture; more would hold the engine for minutes. */
const MAX_TASKS_PER_REQUEST = 32

export interface CaptionerOptions {
  /** Laid over the model's own settings; a request's options are laid over the result. */
  readonly generation?: Partial<GenerationOptions>
  readonly parsing?: ParseOptions
  /** Of transparent pictures whose request names none. Default: `DEFAULT_BACKGROUND`. */
  readonly background?: Background
  /**
   * Tasks of fine-tunes that the model was trained on, where that is certain: others are refused.
   * Absent, every task is put to it.
   */
  readonly fineTuneTasks?: readonly string[] | undefined
}

/** @throws FlocapError `invalid_request` when `options.generation` cannot be used. */
export function createModelCaptioner(
  model: VisionModel,
  options: CaptionerOptions = {},
): TasksCaptioner {
  const resolveDefaults = (): GenerationOptions =>
    resolveGeneration(
      resolveGeneration(DEFAULT_GENERATION, model.description.generation),
      options.generation,
    )
  // Of a model that is not loaded yet nothing is known; what was asked for in vain is told at once.
  resolveDefaults()

  async function captionTasks(
    request: CaptionTasksRequest,
    hooks: CaptionTasksHooks = {},
  ): Promise<readonly CaptionResult[]> {
    assertRequest(request)
    for (const { task } of request.tasks) assertKnown(task, model, options.fineTuneTasks)
    if (hooks.signal?.aborted) throw new FlocapError('cancelled', 'The request was cancelled.')
    const defaults = resolveDefaults()
    const queries = request.tasks.map((task) =>
      toQuery(task, defaults, model.description.taskTokens),
    )
    const streams = request.tasks.map(({ task }, index) => createStream(task, index, hooks))
    const answer = await model.answer(
      {
        picture: request.picture,
        digest: digestPicture(request.picture),
        applyOrientation: request.applyOrientation ?? true,
        background: request.background ?? options.background ?? DEFAULT_BACKGROUND,
        queries,
      },
      toVisionHooks(hooks, streams),
    )
    return request.tasks.map(({ task }, index) => {
      const result = toResult(model, task, answer, index, options.parsing)
      streams[index]?.finish(result.text)
      return result
    })
  }

  return createTasksCaptioner(() => model.description, captionTasks)
}

function assertRequest({ picture, tasks }: CaptionTasksRequest): void {
  if (tasks.length === 0 || tasks.length > MAX_TASKS_PER_REQUEST) {
    throw new FlocapError(
      'invalid_request',
      `Expected 1 to ${MAX_TASKS_PER_REQUEST} tasks, got ${tasks.length}.`,
      { subject: 'tasks' },
    )
  }
  for (const { task } of tasks) {
    if (!isTaskId(task)) {
      throw new FlocapError('unknown_task', 'Expected the id of a task.', { subject: 'task' })
    }
  }
  if (picture.byteLength === 0) {
    throw new FlocapError('empty_image_file', 'Expected an image, got a file of no bytes.')
  }
}

/** A model answers what it was never asked in training with something, and nobody could tell. */
function assertKnown(
  task: TaskId,
  { description: { id } }: VisionModel,
  fineTuneTasks: readonly string[] | undefined,
): void {
  const isKnown = (each: TaskId): boolean =>
    each === 'raw' || TASKS[each].family === 'florence2' || fineTuneTasks?.includes(each) !== false
  if (isKnown(task)) return
  throw new FlocapError('unknown_task', `The model ${id} was not trained on the task ${task}.`, {
    subject: 'task',
    hint: `Its tasks are ${TASK_IDS.filter(isKnown).join(', ')}. Fine-tunes know others: see docs/guide/models.md.`,
  })
}

function toQuery(
  { task, input, region, generation }: TaskRequest,
  defaults: GenerationOptions,
  taskTokens: readonly string[] | undefined,
): Query {
  return {
    prompt: renderPrompt(task, input, region, taskTokens),
    generation: resolveGeneration(defaults, generation),
  }
}

function createStream(
  task: TaskId,
  index: number,
  { onText }: CaptionTasksHooks,
): AnswerStream | undefined {
  if (onText === undefined || TASKS[task].answer !== 'text') return undefined
  return createAnswerStream(TASKS[task], (text) => onText(index, text))
}

function toVisionHooks(
  { signal }: CaptionTasksHooks,
  streams: readonly (AnswerStream | undefined)[],
): VisionHooks {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(streams.some((stream) => stream !== undefined)
      ? { onText: (query, text) => streams[query]?.push(text) }
      : {}),
  }
}

function toResult(
  model: VisionModel,
  task: TaskId,
  { answers, picture, timings }: VisionAnswer,
  index: number,
  parsing: ParseOptions | undefined,
): CaptionResult {
  const answer = answers[index]
  const best = answer?.sequences[0]
  if (answer === undefined || best === undefined) {
    throw new FlocapError('internal_error', `The model gave no answer for the task ${task}.`)
  }
  return {
    task,
    ...toAlternative(task, best, picture, parsing),
    alternatives:
      answer.sequences.length > 1
        ? answer.sequences
            .filter((sequence) => says(task, sequence))
            .map((sequence) => toAlternative(task, sequence, picture, parsing))
        : [],
    usage: { promptTokens: answer.promptTokens, completionTokens: countTokens(answer) },
    picture,
    model: model.description,
    timings,
  }
}

function toAlternative(
  task: TaskId,
  sequence: Sequence,
  picture: PictureSize,
  parsing: ParseOptions | undefined,
): CaptionAlternative {
  const data = parseAnswer(TASKS[task].grammar, sequence.text, picture, {
    ...parsing,
    layout: TASKS[task].layout,
    score: createScores(sequence),
  })
  return {
    // Plain text comes from the model's own text, as a stream of it does: a parser that imitates the
    // reference leaves tokens in `data`.
    text:
      data.kind === 'text'
        ? orNothing(TASKS[task], beforeStop(sequence, task))
        : renderAnswer(TASKS[task], data),
    data,
    finishReason: sequence.finishReason,
    confidence: toConfidence(sequence),
  }
}

/**
 * The text, not empty because of a stop text: that is no fault of the model's, and no picture without
 * text either.
 */
function beforeStop({ text, finishReason }: Sequence, task: TaskId): string {
  const clean = cleanText(text, TASKS[task].layout)
  if (clean !== '' || finishReason !== 'stop_text') return clean
  throw new FlocapError('invalid_request', 'Expected text before the first stop text, got none.', {
    hint: 'The answer begins with one of the stop texts: leave that one out.',
    subject: 'stop',
  })
}

/** Whether an answer, further down the list, has anything to say. */
function says(task: TaskId, { text }: Sequence): boolean {
  return TASKS[task].answer !== 'text' || cleanText(text, TASKS[task].layout) !== ''
}

function countTokens({ sequences }: QueryAnswer): number {
  return sequences.reduce((total, { tokens }) => total + tokens.length, 0)
}
