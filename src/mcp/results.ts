// From results of the captioner to what tools give: the fields of every result, boxes and scores.
import { FlocapError } from '../base/errors.ts'
import { boundsOf } from '../caption/bounds.ts'
import type { CaptionResult } from '../caption/captioner.ts'
import type { LabelledQuad, Scored, TaskData } from '../caption/task-data.ts'

/** A tenth of a pixel; Florence-2 knows a thousandth of the side. */
const TENTHS = 10
const SCORE_STEPS = 1000

/** The fields that every result has. @param results about one picture, at least one. */
export function baseOf(results: readonly CaptionResult[]) {
  const { picture, model } = at(results, 0)
  return {
    width: picture.width,
    height: picture.height,
    model: model.id,
    demo: model.demo,
    truncated: results.some(({ finishReason }) => finishReason === 'length'),
  }
}

/** @throws FlocapError `internal_error` when a task was not answered. */
export function at(results: readonly CaptionResult[], index: number): CaptionResult {
  const result = results[index]
  if (result === undefined) {
    throw new FlocapError('internal_error', 'The captioner gave no result for a task.')
  }
  return result
}

export function roundPixels(values: readonly number[]): number[] {
  return values.map((value) => Math.round(value * TENTHS) / TENTHS)
}

export function scoreOf({ score }: Scored): { score?: number } {
  return score === undefined ? {} : { score: roundScore(score) }
}

export function roundScore(score: number): number {
  return Math.round(score * SCORE_STEPS) / SCORE_STEPS
}

export function quadsOf(data: TaskData): readonly LabelledQuad[] {
  return data.kind === 'quads' ? data.quads : []
}

/** A thing that was found, in the fields of a result. */
export interface Found {
  readonly label: string
  readonly box: number[]
  readonly polygons?: number[][]
  readonly score?: number
}

/** Boxes and polygons alike; a polygon has the box around it. */
export function foundIn(data: TaskData): readonly Found[] {
  const boxes = 'boxes' in data ? data.boxes : []
  const polygons = 'polygons' in data ? data.polygons : []
  return [
    ...boxes.map(({ label, box, ...more }) => ({
      label,
      box: roundPixels(box),
      ...scoreOf(more),
    })),
    ...polygons.map(({ label, outlines, ...more }) => ({
      label,
      box: roundPixels(boundsOf(outlines.flat())),
      polygons: outlines.map((outline) => roundPixels(outline)),
      ...scoreOf(more),
    })),
  ]
}

/** A line for people: `car at 34, 160, 597, 372`. */
export function sayFound({ label, box }: Pick<Found, 'label' | 'box'>): string {
  return `${label === '' ? 'something' : label} at ${box.map((value) => Math.round(value)).join(', ')}`
}
