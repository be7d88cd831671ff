// What an answer says, on one line, for files in which a line is a caption.
import { cleanText } from './clean-text.ts'
import { toFindings } from './findings.ts'
import type { TaskData } from './task-data.ts'
import type { Task } from './tasks.ts'

/**
 * Undefined when the model said or found nothing: `No objects found.` is for people, and no caption of
 * a training set. Lines of text that was read become one with spaces, findings one with `; `.
 */
export function sayAnswer(
  task: Pick<Task, 'answer'>,
  { text, data }: { readonly text: string; readonly data: TaskData },
): string | undefined {
  if (isNothing(data)) return undefined
  const isText = task.answer === 'text' || task.answer === 'quads'
  return toOneLine(text, isText ? ' ' : '; ')
}

function isNothing(data: TaskData): boolean {
  if (data.kind === 'text') return cleanText(data.text, 'paragraph') === ''
  return toFindings(data).length === 0
}

/** Every character that a program may take for the end of a line. */
const LINE_BREAKS = /\s*[\n\r\v\f\u0085\u2028\u2029]\s*/g

function toOneLine(text: string, divider: string): string {
  return text.trim().replaceAll(LINE_BREAKS, divider)
}
