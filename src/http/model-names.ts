// The model ids that lists show: the served model, and one id for each task that needs no text, so
// that a user can pick a task in any client's list of models.
import { TASKS } from '../caption/tasks.ts'

/** The plain id comes first: clients select the first one by themselves. */
export function modelNames(id: string): string[] {
  const tasks = Object.entries(TASKS).filter(([, task]) => task.takes === 'nothing')
  return [id, ...tasks.map(([task]) => `${id}:${task}`)]
}
