// Which task a request asks for. Ordinary text never chooses one and never reaches the model:
// a task is chosen by a Florence task token at the start of a text, or by a suffix of the model id.
import { FlocapError } from '../base/errors.ts'
import type { Region } from '../caption/captioner.ts'
import type { TaskId } from '../caption/tasks.ts'
import { TASKS } from '../caption/tasks.ts'

export interface TaskChoice {
  readonly task: TaskId
  /** Plain text for a task that takes one. */
  readonly input?: string
  readonly region?: Region
}

export interface TaskHints {
  /** The model id as the client sent it; may be anything. */
  readonly model?: string | undefined
  /** Texts of the request, the one that matters most first. */
  readonly texts: readonly string[]
}

/**
 * A task token in a text wins over the model's suffix, which wins over the default.
 *
 * @param ownModel id of the model that answers: a wrong suffix of this id is an error, while that
 *   of a foreign id (`llava:7b`) means nothing.
 * @throws FlocapError unknown_task, invalid_task_input.
 */
export function chooseTask(hints: TaskHints, ownModel: string, defaultTask: TaskId): TaskChoice {
  for (const text of hints.texts) {
    const choice = parseTaskText(text)
    if (choice !== undefined) return choice
  }
  const task = taskOfModel(hints.model, ownModel)
  if (task === undefined) return { task: defaultTask }
  const text = hints.texts.find((candidate) => candidate.trim() !== '')
  if (TASKS[task].takes === 'nothing' || text === undefined) return { task }
  return parseTaskText(`${TASKS[task].token} ${text}`) ?? { task }
}

/** `florence-2-large:ocr` names a task; `florence-2-large`, `x:latest` and `llava:7b` do not. */
function taskOfModel(model: string | undefined, ownModel: string): TaskId | undefined {
  const colon = model?.lastIndexOf(':') ?? -1
  if (model === undefined || colon === -1) return undefined
  const base = model.slice(0, colon)
  const suffix = model.slice(colon + 1)
  const task = findTask(suffix)
  if (task !== undefined || base !== ownModel || suffix === 'latest' || suffix === '') return task
  throw new FlocapError(
    'unknown_task',
    `The model '${ownModel}' has no task '${suffix.slice(0, 64)}'.`,
    { hint: `Its tasks are ${Object.keys(TASKS).join(', ')}.`, subject: 'model' },
  )
}

function findTask(name: string): TaskId | undefined {
  const id = name.trim().replace(/^<|>$/g, '').toLowerCase().replaceAll('-', '_')
  return isTaskId(id) ? id : undefined
}

function isTaskId(id: string): id is TaskId {
  return Object.hasOwn(TASKS, id)
}

function parseTaskText(text: string): TaskChoice | undefined {
  const match = /^\s*(<[A-Za-z_]+>)\s*([^]*)$/.exec(text)
  const task = match?.[1] === undefined ? undefined : findTask(match[1])
  if (task === undefined) return undefined
  const input = match?.[2]?.trim() ?? ''
  return TASKS[task].takes === 'nothing' || input === '' ? { task } : { task, input }
}
