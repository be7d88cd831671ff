// From what a person has chosen to the questions that the server is asked.
import type { TaskEntry, TaskList } from '../server/wire.ts'
import type { Box } from './region.ts'
import { SETTING_FIELDS, settingFault, type SettingTexts, toSettings } from './settings-form.ts'
import type { Asked } from './session.ts'

type TaskGroup = TaskEntry['group']

export interface Choice {
  /** Ids of tasks. */
  readonly tasks: readonly string[]
  /** For every chosen task that takes a text. */
  readonly text: string
  /** How the answers are to be made, as it was typed. */
  readonly settings: SettingTexts
}

/** In the order in which they are shown. */
export const GROUP_TITLES: Readonly<Record<TaskGroup, string>> = {
  describe: 'Describe',
  read: 'Read',
  find: 'Find',
  phrase: 'With a text of yours',
  region: 'With a region you draw',
  fine_tune: 'Tasks that only some fine-tunes know',
}

export interface TaskGroupEntries {
  readonly group: TaskGroup
  readonly tasks: readonly TaskEntry[]
}

/** Every group that has a task, in the order of `GROUP_TITLES`. */
export function groupTasks({ tasks }: TaskList): readonly TaskGroupEntries[] {
  const groups = [...new Set([...titledGroups(), ...tasks.map(({ group }) => group)])]
  return groups
    .map((group) => ({ group, tasks: tasks.filter((task) => task.group === group) }))
    .filter((entries) => entries.tasks.length > 0)
}

function titledGroups(): readonly TaskGroup[] {
  const isGroup = (name: string): name is TaskGroup => Object.hasOwn(GROUP_TITLES, name)
  return Object.keys(GROUP_TITLES).filter(isGroup)
}

/** What the chosen tasks take. */
export function takesOf({ tasks }: TaskList, choice: Choice): ReadonlySet<TaskEntry['takes']> {
  return new Set(tasks.filter(({ id }) => choice.tasks.includes(id)).map(({ takes }) => takes))
}

export type Questions =
  | ({ readonly kind: 'complete' } & Asked)
  | { readonly kind: 'incomplete'; readonly missing: 'task' | 'text' | 'region' | 'settings' }

/** @param region of the picture in question. */
export function toQuestions(
  { tasks }: TaskList,
  choice: Choice,
  region: Box | undefined,
): Questions {
  const chosen = tasks.filter(({ id }) => choice.tasks.includes(id))
  const text = choice.text.trim()
  if (chosen.length === 0) return { kind: 'incomplete', missing: 'task' }
  if (text === '' && chosen.some((task) => task.takes === 'text' && task.default_input === null)) {
    return { kind: 'incomplete', missing: 'text' }
  }
  if (region === undefined && chosen.some(({ takes }) => takes === 'region')) {
    return { kind: 'incomplete', missing: 'region' }
  }
  if (SETTING_FIELDS.some((field) => settingFault(field, choice.settings) !== undefined)) {
    return { kind: 'incomplete', missing: 'settings' }
  }
  return {
    kind: 'complete',
    settings: toSettings(choice.settings),
    questions: chosen.map(({ id, takes }) => ({
      task: id,
      ...(takes === 'text' && text !== '' ? { input: text } : {}),
      ...(takes === 'region' && region !== undefined ? { region } : {}),
    })),
  }
}
