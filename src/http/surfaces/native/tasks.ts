// Which questions a request puts to each of its pictures.
import { FlocapError } from '../../../base/errors.ts'
import type { Region, TaskRequest } from '../../../caption/captioner.ts'
import type { GenerationOptions } from '../../../caption/ports.ts'
import { PHRASE_SEPARATOR, takesPhrases } from '../../../caption/prompt.ts'
import { findTask, TASK_IDS } from '../../../caption/tasks.ts'
import type { TaskId } from '../../../caption/tasks.ts'
import type { NativeRequest } from './schema.ts'

/** Every task once; nobody needs more of one picture. */
export const MAX_TASKS = TASK_IDS.length

type TaskFields = Pick<NativeRequest, 'input' | 'region' | 'region_unit'>

/** @throws FlocapError unknown_task, invalid_request. */
export function toTasks(fields: NativeRequest, defaultTask: TaskId): readonly TaskRequest[] {
  const generation = toGeneration(fields)
  const names = (fields.task ?? '').split(',').filter((name) => name.trim() !== '')
  const tasks = [
    ...names.flatMap((name) => toTaskRequests(name, fields, generation)),
    ...(fields.tasks ?? []).flatMap((entry) =>
      typeof entry === 'string'
        ? toTaskRequests(entry, fields, generation)
        : toTaskRequests(entry.task, entry, generation),
    ),
  ]
  if (tasks.length > MAX_TASKS) {
    throw new FlocapError(
      'invalid_request',
      `One request may have ${MAX_TASKS} tasks, but ${tasks.length} came.`,
      { hint: 'Send them in several requests.', subject: 'tasks' },
    )
  }
  return tasks.length > 0 ? tasks : toTaskRequests(defaultTask, fields, generation)
}

/** One for each region; several phrases are one request, in which Florence-2 separates them. */
function toTaskRequests(
  name: string,
  { input, region, region_unit: unit = 'pixel' }: TaskFields,
  generation: Partial<GenerationOptions>,
): TaskRequest[] {
  const task = findTask(name)
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
