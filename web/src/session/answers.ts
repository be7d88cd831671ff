// Answers as a page lists them: what was found and where, how sure, how long, and as JSON to copy.
import { boundsOf } from '../../../src/caption/bounds.ts'
import { type Finding, toFindings } from '../../../src/caption/findings.ts'
import type { Question } from '../server/server.ts'
import type { TaskAnswer, TaskEntry } from '../server/wire.ts'
import type { GivenAnswer } from './session.ts'

/** Whether there is more to say than that nothing was found. */
export function hasFound({ data }: TaskAnswer): boolean {
  return data.kind === 'text' || toFindings(data).length > 0
}

/** The title of a task, with the text or the place that it was asked about. */
export function titleOf(tasks: readonly TaskEntry[], { task, input, region }: Question): string {
  const title = tasks.find(({ id }) => id === task)?.title ?? task
  const about = input === undefined ? region?.join(', ') : `“${input}”`
  return about === undefined ? title : `${title}: ${about}`
}

/** Corners of the box around a finding: `34, 160 to 597, 372`. */
export function placeOf({ outlines }: Pick<Finding, 'outlines'>): string {
  const points = outlines.flat()
  if (points.length < 2) return ''
  const [left, top, right, bottom] = boundsOf(points).map(Math.round)
  return `${left}, ${top} to ${right}, ${bottom}`
}

/** Above these a text is called so; the mean probability of its tokens is no share of truths. */
const VERY_SURE = 0.9
const FAIRLY_SURE = 0.7

function sureness(confidence: number): string {
  if (confidence >= VERY_SURE) return 'very sure'
  return confidence >= FAIRLY_SURE ? 'fairly sure' : 'unsure'
}

/**
 * `very sure · 0.41 s`. The demo model is as sure of photographs, which it does not know, so that its
 * sureness is not shown. Times are of the whole request, which may have asked several tasks. What was
 * found is counted instead: a box has hundreds of neighbours that are nearly as good, so that its
 * tokens are improbable however right it is.
 */
export function measureAnswer({ answer, demo, edited }: GivenAnswer): string {
  const found = toFindings(answer.data).length
  const sure = demo ? 'demo model' : sureness(answer.confidence)
  const what = answer.data.kind === 'text' ? sure : `${found === 0 ? 'nothing' : found} found`
  const { picture, vision, prefill, decode } = answer.timings_ms
  const seconds = (picture + vision + prefill + decode) / 1000
  const time = answer.cached ? 'cached' : `${seconds.toFixed(2)} s`
  const cut = answer.finish_reason === 'length' ? ['cut at its length limit'] : []
  return [what, time, ...cut, ...(edited === undefined ? [] : ['edited'])].join(' · ')
}

/** For programs: without the drawing, and with the model's own text beside one that was changed. */
export function answerJson({ answer, edited }: Pick<GivenAnswer, 'answer' | 'edited'>): string {
  const texts = edited === undefined ? {} : { text: edited, model_text: answer.text }
  return JSON.stringify({ ...answer, ...texts, overlay: undefined }, null, 2)
}

/** A file name for the drawing of an answer: `holiday.od.png`. */
export function drawingName(picture: string, task: string): string {
  return `${picture.replace(/\.[^.]*$/, '') || 'picture'}.${task}.png`
}
