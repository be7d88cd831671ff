// The list of tasks, for menus and for programs that let their users choose.
import { TASK_IDS, TASKS, type Task } from '../caption/tasks.ts'
import type { TaskId } from './answers.ts'

/** A task: its token of Florence-2, its title for people, what it takes and what it answers. */
export interface TaskInfo extends Pick<Task, 'token' | 'title' | 'takes' | 'answer' | 'family'> {
  /** What `Ask` takes. */
  readonly id: TaskId
}

/** Every task: Florence-2's fifteen, then those that only some fine-tunes know. */
export const tasks: readonly TaskInfo[] = Object.freeze(
  TASK_IDS.map((id) => {
    const { token, title, takes, answer, family } = TASKS[id]
    return Object.freeze({ id, token, title, takes, answer, family })
  }),
)
