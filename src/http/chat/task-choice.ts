// Which task a request asks for. Ordinary text never reaches the model, and chooses a task only where
// the server is told to follow prompts: otherwise a Florence task token at the start of a text does, or a
// suffix of the model id.
import { readIntent } from '../../caption/intents.ts'
import { refuseUnknownToken } from '../../caption/nearest-tasks.ts'
import { findTaskToken, leadingTaskToken } from '../../caption/task-tokens.ts'
import type { TaskChoice } from '../../caption/task-text.ts'
import { parseTaskText } from '../../caption/task-text.ts'
import type { TaskId } from '../../caption/tasks.ts'
import { findTask, isTaskId, TASKS } from '../../caption/tasks.ts'

export interface TaskHints {
  /** The model id as the client sent it; may be anything. */
  readonly model?: string | undefined
  /** Texts of the request, the one that matters most first. */
  readonly texts: readonly string[]
  /** Texts of the system: only a task token in them counts. */
  readonly systemTexts?: readonly string[]
  /** Tokens of the model itself, which choose a prompt as written. */
  readonly taskTokens?: readonly string[] | undefined
}

/** What a text in plain words means: nothing, or what `caption/intents.ts` lists. */
export type Prompts = 'ignore' | 'follow'

export interface ChatChoice extends TaskChoice {
  /** The labels of what is found are wanted, as a list with commas between. */
  readonly asTags?: boolean
}

/**
 * A task token in a text of the user wins over one in a text of the system, which wins over the
 * model's suffix, which wins over words, which win over the default.
 *
 * @param ownModel id of the model that answers: a wrong suffix of this id is an error, while that
 *   of a foreign id (`llava:7b`) means nothing.
 * @throws FlocapError unknown_task, invalid_task_input.
 */
export function chooseTask(
  hints: TaskHints,
  ownModel: string,
  { defaultTask, prompts }: { readonly defaultTask: TaskId; readonly prompts: Prompts },
): ChatChoice {
  for (const text of [...hints.texts, ...(hints.systemTexts ?? [])]) {
    if (leadingTaskToken(text, hints.taskTokens) !== undefined) {
      return { task: 'raw', input: text.trim() }
    }
    const choice = parseTaskText(text)
    if (choice !== undefined) return choice
    refuseUnknownToken(text)
  }
  const own = findTaskToken(suffixOf(hints.model, ownModel), hints.taskTokens)
  if (own !== undefined) return { task: 'raw', input: own }
  const task = taskOfModel(hints.model, ownModel)
  if (task === undefined) {
    return (prompts === 'follow' ? choiceByWords(hints) : undefined) ?? { task: defaultTask }
  }
  const text = hints.texts.find((candidate) => candidate.trim() !== '')
  if (TASKS[task].takes === 'nothing' || text === undefined) return { task }
  return parseTaskText(`${TASKS[task].token} ${text}`) ?? { task }
}

/** What stands behind the served id and a colon; empty for nothing. */
export function suffixOf(model: string | undefined, ownModel: string): string {
  return model?.startsWith(`${ownModel}:`) === true ? model.slice(ownModel.length + 1) : ''
}

function choiceByWords({ texts, systemTexts = [] }: TaskHints): ChatChoice | undefined {
  for (const text of [...texts, ...systemTexts]) {
    const row = readIntent(text)
    if (row !== undefined) return { task: row.task, asTags: row.asTags }
  }
  return undefined
}

/**
 * `florence-2-large:ocr` names a task; `florence-2-large`, `x:latest` and `llava:7b` do not. Friendly
 * names count only behind the served id, because foreign tags are words too: `llama2:text`.
 */
function taskOfModel(model: string | undefined, ownModel: string): TaskId | undefined {
  const colon = model?.lastIndexOf(':') ?? -1
  if (model === undefined || colon === -1) return undefined
  const suffix = model.slice(colon + 1)
  if (model.slice(0, colon) === ownModel) {
    return suffix === 'latest' || suffix === '' ? undefined : findTask(suffix)
  }
  const id = suffix.toLowerCase()
  return isTaskId(id) ? id : undefined
}
