// The beginning of a structured answer that is certain while the model still writes: the first
// property, where it is a text that goes into the answer as it comes.
import type { TaskRequest } from '../caption/captioner.ts'
import type { TaskId } from '../caption/tasks.ts'
import type { Slot } from './plan/slot.ts'

export interface Lead {
  /** Of the JSON, up to the first character of the text: `{"caption":"`. */
  readonly opening: string
  /** Index of the task whose text it is. */
  readonly task: number
}

const TASK_OF: Partial<Record<string, TaskId>> = {
  title: 'caption',
  caption: 'more_detailed_caption',
}

/** None where limits, patterns or alternatives can change the text. */
export function findLead(slot: Slot, tasks: readonly TaskRequest[]): Lead | undefined {
  let opening = ''
  let inner = slot
  while (inner.kind === 'object') {
    const [first] = inner.properties
    if (first === undefined) return undefined
    opening += `{${JSON.stringify(first.name)}:`
    inner = first.slot
  }
  if (inner.kind !== 'string' || inner.members !== undefined || inner.maxLength !== undefined) {
    return undefined
  }
  const { topic, layers, minLength } = inner
  const ruled = layers.some(({ pattern, format }) => pattern !== undefined || format !== undefined)
  if (ruled || minLength > 0) return undefined
  const wanted = TASK_OF[topic.subject]
  const task =
    topic.subject === 'generic'
      ? 0
      : tasks.findIndex((each) => each.task === wanted && each.input === undefined)
  return task === -1 ? undefined : { opening: `${opening}"`, task }
}
