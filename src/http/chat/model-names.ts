// The model ids that lists show: the served model, and one id for each task that needs no text, so
// that a user can pick a task in any client's list of models.
import type { ModelDescription } from '../../caption/ports.ts'
import { TASK_IDS, TASKS } from '../../caption/tasks.ts'

/** Tasks of fine-tunes are left out: most models do not know them, and the list grows long. */
const LISTED_TASKS = TASK_IDS.filter(
  (id) => TASKS[id].takes === 'nothing' && TASKS[id].family === 'florence2',
)

/** The plain id comes first: clients select the first one by themselves. */
export function modelNames({ id, taskTokens = [] }: NamedModel): string[] {
  const own = taskTokens.map((token) => token.slice(1, -1).toLowerCase())
  return [...new Set([id, ...[...LISTED_TASKS, ...own].map((task) => `${id}:${task}`)])]
}

type NamedModel = Pick<ModelDescription, 'id' | 'taskTokens'>

/** Whether a client means the served model: its id, alone, as `latest` or with a listed task. */
export function isServedName(name: string, model: NamedModel): boolean {
  return name === `${model.id}:latest` || modelNames(model).includes(name)
}
