// Answers as a page lists them: what was found and where, how sure, how long, and as JSON to copy.
import { boundsOf } from '../../../src/caption/bounds.ts'
import { toFindings } from '../../../src/caption/findings.ts'
import type { TaskAnswer } from '../server/wire.ts'

export interface ListedFinding {
  /** Empty when the model gave no name. */
  readonly label: string
  /** Corners of the box around it: `34, 160 to 597, 372`. */
  readonly place: string
}

/**
 * In the order of the drawing.
 * @param phrase what was asked for: the name of outlines, to which the model gives none.
 */
export function listFindings({ data }: TaskAnswer, phrase = ''): readonly ListedFinding[] {
  return toFindings(data).map(({ label, outlines }) => ({
    label: label || phrase,
    place: placeOf(outlines.flat()),
  }))
}

/** Index of the first answer that there is something to draw of. */
export function firstDrawn(answers: readonly TaskAnswer[]): number | undefined {
  const first = answers.findIndex(({ data }) => toFindings(data).length > 0)
  return first === -1 ? undefined : first
}

function placeOf(points: readonly number[]): string {
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
export function measureAnswer(answer: TaskAnswer, isDemo: boolean): string {
  const found = toFindings(answer.data).length
  const sure = isDemo ? 'demo model' : sureness(answer.confidence)
  const what = answer.data.kind === 'text' ? sure : `${found === 0 ? 'nothing' : found} found`
  const { picture, vision, prefill, decode } = answer.timings_ms
  const seconds = (picture + vision + prefill + decode) / 1000
  const time = answer.cached ? 'cached' : `${seconds.toFixed(2)} s`
  const cut = answer.finish_reason === 'length' ? ['cut at its length limit'] : []
  return [what, time, ...cut].join(' · ')
}

/** For programs: without the drawing, which is long and can be had again. */
export function answerJson(answer: TaskAnswer): string {
  return JSON.stringify({ ...answer, overlay: undefined }, null, 2)
}

/** A file name for the drawing of an answer: `holiday.od.png`. */
export function drawingName(picture: string, task: string): string {
  return `${picture.replace(/\.[^.]*$/, '') || 'picture'}.${task}.png`
}
