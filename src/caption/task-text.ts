// How ordinary text chooses a task: only by beginning with one of Florence-2's task tokens.
//
// Clients send whatever prompt their user wrote ("What is in this picture?"). None of that may
// change what runs, so anything that is not exactly a known token chooses nothing. The case must
// match too: prompts for chat models are full of tags such as `<description>`.
import { parseRegionText } from './region.ts'
import type { Region } from './region.ts'
import { TASKS, TASK_IDS } from './tasks.ts'
import type { TaskId } from './tasks.ts'

/** A task that a text chose, with what stood behind its token. */
export interface TaskChoice {
  readonly task: TaskId
  /** Text behind the token of a task that takes a text, trimmed; absent when there is none. */
  readonly input?: string
  /** Region behind the token of a task that takes one; absent when it is none that can be read. */
  readonly region?: Region
}

const IDS_BY_TOKEN: ReadonlyMap<string, TaskId> = new Map(
  TASK_IDS.map((id) => [TASKS[id].token, id] as const),
)

const LONGEST_TOKEN = Math.max(...TASK_IDS.map((id) => TASKS[id].token.length))

/**
 * The task that `text` chooses, or undefined when it is ordinary text. Text behind the token of a
 * task that takes nothing is ignored. Looks at no more than a few characters before it decides.
 *
 * `<OD>`, `<CAPTION_TO_PHRASE_GROUNDING> a red car` and
 * `<REGION_TO_CATEGORY><loc_52><loc_332><loc_932><loc_774>` choose a task.
 */
export function parseTaskText(text: string): TaskChoice | undefined {
  const start = text.search(/\S/)
  if (start === -1 || text[start] !== '<') return undefined
  const end = text.slice(start, start + LONGEST_TOKEN).indexOf('>')
  const task = end === -1 ? undefined : IDS_BY_TOKEN.get(text.slice(start, start + end + 1))
  if (task === undefined) return undefined

  const { takes } = TASKS[task]
  if (takes === 'nothing') return { task }
  const rest = text.slice(start + end + 1).trim()
  if (takes === 'text') return rest === '' ? { task } : { task, input: rest }
  const region = parseRegionText(rest)
  return region === undefined ? { task } : { task, region }
}
