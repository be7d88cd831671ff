// Structured answers as text: stable, one finding a line, documented in docs/reference/answer-text.md.
import { FlocapError } from '../base/errors.ts'
import { cleanText } from './clean-text.ts'
import { toReadingLines } from './reading-order.ts'
import type { LabelledBox, LabelledPolygon, TaskData } from './task-data.ts'
import type { Task } from './tasks.ts'

/**
 * The answer for people, never empty.
 * @throws FlocapError as `orNothing`.
 */
export function renderAnswer(task: Task, data: TaskData): string {
  return orNothing(task, renderData(data))
}

/**
 * The text, or the sentence that a task has for finding nothing: a picture without text is answered.
 * @throws FlocapError empty_answer for an empty text of a task that has none: a caption that says
 *   nothing would reach a chat or a sidecar as if it were one.
 */
export function orNothing({ token, nothing }: Task, text: string): string {
  if (text !== '') return text
  if (nothing !== undefined) return nothing
  throw new FlocapError('empty_answer', `Expected text for ${token}, got an empty answer.`, {
    hint: 'Another task may work for this picture.',
  })
}

function renderData(data: TaskData): string {
  switch (data.kind) {
    case 'text':
      return data.text.trim()
    case 'boxes':
      return data.boxes.map(renderBox).join('\n')
    case 'quads':
      return toReadingLines(data.quads)
        .map((line) => line.map(({ label }) => cleanText(label, 'paragraph')).join(' '))
        .join('\n')
    case 'polygons':
      return data.polygons.map(renderPolygon).join('\n')
    case 'boxes_or_polygons':
      return [...data.boxes.map(renderBox), ...data.polygons.map(renderPolygon)].join('\n')
  }
}

/** `car: 34, 160, 597, 372`; without its label when that is empty. */
function renderBox({ label, box }: LabelledBox): string {
  return withLabel(label, box.map(Math.round).join(', '))
}

/** `car: 181,181 183,181 188,178; 300,200 ...`: points as in SVG, outlines divided by semicolons. */
function renderPolygon({ label, outlines }: LabelledPolygon): string {
  return withLabel(label, outlines.map(renderOutline).join('; '))
}

function renderOutline(outline: readonly number[]): string {
  const points: string[] = []
  for (let index = 0; index + 1 < outline.length; index += 2) {
    points.push(`${Math.round(outline[index] ?? 0)},${Math.round(outline[index + 1] ?? 0)}`)
  }
  return points.join(' ')
}

function withLabel(label: string, coordinates: string): string {
  const clean = cleanText(label, 'paragraph')
  return clean === '' ? coordinates : `${clean}: ${coordinates}`
}
