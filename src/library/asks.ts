// What can be asked: options in the words of programs, checked before a picture is read.
import { FlocapError } from '../base/errors.ts'
import { showValue } from '../base/show-value.ts'
import type { TaskRequest } from '../caption/captioner.ts'
import { DEFAULT_GENERATION, resolveGeneration } from '../caption/generation.ts'
import type { GenerationOptions } from '../caption/ports.ts'
import { renderPrompt } from '../caption/prompt.ts'
import type { Region } from '../caption/region.ts'
import { DEFAULT_TASK, findTask } from '../caption/tasks.ts'
import type { TaskId } from './answers.ts'
import { assertOptionNames } from './option-names.ts'

/** Tasks that take a text: a phrase, a caption or a question. */
export type PhraseTask =
  | 'caption_to_phrase_grounding'
  | 'referring_expression_segmentation'
  | 'open_vocabulary_detection'
  | 'docvqa'
  | 'vqa'
  | 'raw'

/** Tasks that take a rectangle on the picture. */
export type RegionTask =
  | 'region_to_segmentation'
  | 'region_to_category'
  | 'region_to_description'
  | 'region_to_ocr'

/** How the answer is searched for. */
export interface SearchOptions {
  /** Beams of the search, 1 to 8; 1 is greedy. Default 3. */
  readonly beams?: number
  /** Most tokens of the answer, 1 to 4096. Default 1024. */
  readonly maxTokens?: number
  /** Text that the answer begins with, at most 2,000 characters. */
  readonly startWith?: string
  /** At most 64 texts of 256 characters; the answer ends before the first of them. */
  readonly stop?: readonly string[]
  /** Samples instead of searching for the most probable answer, above 0 and at most 10. */
  readonly temperature?: number
  /** Of sampling: the share of the probability that is drawn from, above 0 and at most 1. Default 1. */
  readonly topP?: number
  /** Of sampling: the same seed gives the same answer. Default 0. */
  readonly seed?: number
}

/** What a task takes beside the picture. */
export type TaskInput<T extends TaskId> = T extends PhraseTask
  ? { readonly input: string }
  : T extends RegionTask
    ? { readonly region: Region }
    : T extends 'description'
      ? { readonly input?: string }
      : unknown

/**
 * A question about a picture: a task, what it takes, and how to search. `Ask<'vqa'>` needs `input`,
 * `Ask<'region_to_ocr'>` needs `region`.
 */
export type Ask<T extends TaskId = TaskId> = T extends TaskId
  ? { readonly task: T } & TaskInput<T> & SearchOptions
  : never

/** A task by its id alone, where it takes nothing else, or an `Ask`. */
export type Question =
  | Exclude<TaskId, PhraseTask | RegionTask>
  | Ask
  /** Without a task: `more_detailed_caption`. */
  | (SearchOptions & { readonly task?: undefined })

/** The task of a question. */
export type TaskOf<Q> = Q extends TaskId
  ? Q
  : Q extends { readonly task: infer T extends TaskId }
    ? T
    : 'more_detailed_caption'

const NAMES = [
  'task',
  'input',
  'region',
  'beams',
  'maxTokens',
  'startWith',
  'stop',
  'temperature',
  'topP',
  'seed',
]

/** The names of `generate()`, which errors have, as this library's users write them. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  num_beams: 'beams',
  max_new_tokens: 'maxTokens',
  prefix: 'startWith',
  top_p: 'topP',
}

/** @throws FlocapError `invalid_request`, `unknown_task` or `invalid_task_input`. */
export function toTaskRequest(question: unknown): TaskRequest {
  const ask: unknown = typeof question === 'string' ? { task: question } : (question ?? {})
  if (!isRecord(ask)) {
    throw new FlocapError(
      'invalid_request',
      `Expected a task or an object with one, got ${showValue(ask)}.`,
      { subject: 'ask', hint: "Such as 'od' or { task: 'vqa', input: 'What is red?' }." },
    )
  }
  assertOptionNames(ask, NAMES, 'invalid_request')
  const { task = DEFAULT_TASK, input, region } = ask
  if (typeof task !== 'string') throw wrong('task', 'the id of a task', task)
  if (input !== undefined && typeof input !== 'string') throw wrong('input', 'a text', input)
  const request: TaskRequest = {
    task: findTask(task),
    ...(input === undefined ? {} : { input }),
    ...(region === undefined ? {} : { region: toRegion(region) }),
    generation: toGeneration(ask),
  }
  // Says now what the engine would say, before a picture was read for nothing.
  renderPrompt(request.task, request.input, request.region)
  return request
}

function toRegion(region: unknown): Region {
  if (!isRecord(region)) throw wrong('region', '{ unit, box }', region)
  const { unit, box } = region
  if (unit !== 'pixel' && unit !== 'fraction' && unit !== 'bin') {
    throw wrong('region.unit', "'pixel', 'fraction' or 'bin'", unit)
  }
  const [x1, y1, x2, y2, ...more] = Array.isArray(box) ? box.map(Number) : []
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined || more.length) {
    throw wrong('region.box', 'four numbers: x1, y1, x2, y2', box)
  }
  return { unit, box: [x1, y1, x2, y2] }
}

function toGeneration(ask: Readonly<Record<string, unknown>>): Partial<GenerationOptions> {
  const { beams, maxTokens, startWith, stop, temperature, topP, seed } = ask
  const samples = temperature ?? topP ?? seed
  const given = {
    numBeams: beams,
    maxNewTokens: maxTokens,
    prefix: startWith,
    stop,
    sampling:
      samples === undefined
        ? undefined
        : { temperature: temperature ?? 1, topP: topP ?? 1, seed: seed ?? 0 },
  }
  const generation = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<GenerationOptions>
  try {
    resolveGeneration(DEFAULT_GENERATION, generation)
  } catch (error) {
    if (!(error instanceof FlocapError)) throw error
    const { code, message, subject = '' } = error
    const name = OWN_NAMES[subject] ?? subject
    throw new FlocapError(code, message.replace(` for ${subject},`, ` for ${name},`), {
      subject: name,
      cause: error,
    })
  }
  return generation
}

function wrong(name: string, expected: string, value: unknown): FlocapError {
  return new FlocapError(
    'invalid_request',
    `Expected ${expected} for ${name}, got ${showValue(value)}.`,
    { subject: name },
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
