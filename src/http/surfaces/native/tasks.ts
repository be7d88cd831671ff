// Which questions a request puts to each of its pictures.
import { FlocapError } from '../../../base/errors.ts'
import type { Region, TaskRequest } from '../../../caption/captioner.ts'
import type { GenerationOptions } from '../../../caption/ports.ts'
import { PHRASE_SEPARATOR, takesPhrases } from '../../../caption/prompt.ts'
import { findTaskToken } from '../../../caption/task-tokens.ts'
import { findTask, TASK_IDS, TASKS } from '../../../caption/tasks.ts'
import type { TaskId } from '../../../caption/tasks.ts'
import type { NativeRequest } from './schema.ts'

/** Every task once; nobody needs more of one picture. */
export const MAX_TASKS = TASK_IDS.length

type TaskFields = Pick<NativeRequest, 'input' | 'region' | 'region_unit'>

/** Every task that a request names, which may be a token of the model itself. */
export function taskNames({ task, tasks = [] }: Pick<NativeRequest, 'task' | 'tasks'>): string[] {
  return [
    ...taskList(task),
    ...tasks.map((entry) => (typeof entry === 'string' ? entry : entry.task)),
  ]
}

function taskList(task = ''): string[] {
  return task.split(',').filter((name) => name.trim() !== '')
}

/** @throws FlocapError unknown_task, invalid_request. */
export function toTasks(
  fields: NativeRequest,
  defaultTask: TaskId,
  taskTokens: readonly string[] = [],
): readonly TaskRequest[] {
  const generation = toGeneration(fields)
  const ask = (name: string, of: TaskFields): TaskRequest[] => {
    const token = findTaskToken(name, taskTokens)
    return token === undefined
      ? toTaskRequests(name, of, generation)
      : [toTokenRequest(token, of, generation)]
  }
  const tasks = [
    ...taskList(fields.task).flatMap((name) => ask(name, fields)),
    ...(fields.tasks ?? []).flatMap((entry) =>
      typeof entry === 'string' ? ask(entry, fields) : ask(entry.task, entry),
    ),
  ]
  if (tasks.length > MAX_TASKS) {
    throw new FlocapError(
      'invalid_request',
      `Expected at most ${MAX_TASKS} tasks in one request, got ${tasks.length}.`,
      { hint: 'Send them in several requests.', subject: 'tasks' },
    )
  }
  return tasks.length > 0 ? tasks : toTaskRequests(defaultTask, fields, generation)
}

/** A token of the model itself, with the caller's text right behind it. */
function toTokenRequest(
  token: string,
  { input = '', region }: TaskFields,
  generation: Partial<GenerationOptions>,
): TaskRequest {
  if (region !== undefined) {
    throw new FlocapError('invalid_task_input', `Expected no region for ${token}, got one.`, {
      subject: 'region',
    })
  }
  return { task: 'raw', input: `${token}${toInput('raw', input)}`, generation }
}

/** One for each region; several phrases are one request, in which Florence-2 separates them. */
function toTaskRequests(
  name: string,
  { input, region, region_unit: unit = 'pixel' }: TaskFields,
  generation: Partial<GenerationOptions>,
): TaskRequest[] {
  const task = findTask(name)
  assertGiven(task, input, region)
  const request = {
    task,
    ...(input === undefined ? {} : { input: toInput(task, input) }),
    generation,
  }
  if (region === undefined) return [request]
  const boxes = region.every((value) => typeof value === 'number') ? [region] : region
  return boxes.flatMap((box) =>
    typeof box === 'number' ? [] : [{ ...request, region: toRegion(box, unit) }],
  )
}

/** The captioner would say it too, but in the words of a chat: here it is a field that is missing. */
function assertGiven(task: TaskId, input: TaskFields['input'], region: TaskFields['region']): void {
  const { takes } = TASKS[task]
  const isMissing =
    (takes === 'region' && region === undefined) ||
    (takes === 'text' && input === undefined && !('defaultInput' in TASKS[task]))
  if (!isMissing) return
  const [field, example] =
    takes === 'region' ? ['region', '[34, 160, 597, 372]'] : ['input', '"a red car"']
  const article = takes === 'region' ? 'a' : 'an'
  const message = `Expected ${article} ${field} for the task ${task}, got none.`
  throw new FlocapError('invalid_task_input', message, {
    hint: `Add "${field}": ${example} to the request.`,
    subject: field,
  })
}

function toInput(task: TaskId, input: string | readonly string[]): string {
  if (typeof input === 'string') return input
  if (input.length > 1 && !takesPhrases(task)) {
    throw new FlocapError(
      'invalid_request',
      `Expected one text for input of the task ${task}, got ${input.length}.`,
      { hint: 'Ask for each with an entry of its own in tasks.', subject: 'input' },
    )
  }
  return input.map((phrase) => phrase.trim()).join(PHRASE_SEPARATOR)
}

function toRegion(box: readonly number[], unit: Region['unit']): Region {
  const [x1 = NaN, y1 = NaN, x2 = NaN, y2 = NaN] = box
  return { unit, box: [x1, y1, x2, y2] }
}

function toGeneration(fields: NativeRequest): Partial<GenerationOptions> {
  const samples = fields.temperature ?? fields.top_p ?? fields.seed
  return {
    ...given('numBeams', fields.num_beams),
    ...given('maxNewTokens', fields.max_new_tokens),
    ...given('earlyStopping', fields.early_stopping),
    ...given('lengthPenalty', fields.length_penalty),
    ...given('noRepeatNgramSize', fields.no_repeat_ngram_size),
    ...given('numReturnSequences', fields.num_return_sequences),
    ...given('stoppingRule', fields.stopping_rule),
    ...given('prefix', fields.prefix),
    ...given('stop', fields.stop),
    ...(samples === undefined
      ? {}
      : {
          sampling: {
            temperature: fields.temperature ?? 1,
            topP: fields.top_p ?? 1,
            seed: fields.seed ?? 0,
          },
        }),
  }
}

function given<Name extends keyof GenerationOptions>(
  name: Name,
  value: GenerationOptions[Name] | undefined,
): Partial<GenerationOptions> {
  return value === undefined ? {} : { [name]: value }
}
