// The measures of the field, on plain numbers.
import type { ThingTruth } from './truth.ts'

export type Box = readonly [x1: number, y1: number, x2: number, y2: number]

/** Intersection over union, 0 to 1. */
export function boxIou(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  if (width <= 0 || height <= 0) return 0
  const both = width * height
  return both / (areaOf(a) + areaOf(b) - both)
}

function areaOf([x1, y1, x2, y2]: Box): number {
  return (x2 - x1) * (y2 - y1)
}

/** A share of trials: `rate` is NaN when there were none. */
export class Rate {
  right = 0
  trials = 0

  add(right: number | boolean, trials = 1): void {
    this.right += Number(right)
    this.trials += trials
  }

  get rate(): number {
    return this.right / this.trials
  }
}

export interface Detection {
  readonly picture: number
  readonly label: string
  readonly box: Box
  /** What detections are ranked by. */
  readonly confidence: number
}

/**
 * Mean over the labels of `truths` of the average precision at one IoU: the area under precision
 * over recall, precision made non-increasing first, as PASCAL VOC does since 2010.
 */
export function meanAveragePrecision(
  detections: readonly Detection[],
  truths: readonly Omit<Detection, 'confidence'>[],
  leastIou: number,
): number {
  const labels = [...new Set(truths.map(({ label }) => label))]
  const sum = labels.reduce(
    (total, label) =>
      total +
      averagePrecision(
        detections.filter((detection) => detection.label === label),
        truths.filter((truth) => truth.label === label),
        leastIou,
      ),
    0,
  )
  return sum / labels.length
}

function averagePrecision(
  detections: readonly Detection[],
  truths: readonly Omit<Detection, 'confidence'>[],
  leastIou: number,
): number {
  const found = new Set<number>()
  const points: { readonly precision: number; readonly recall: number }[] = []
  for (const { picture, box } of detections.toSorted((a, b) => b.confidence - a.confidence)) {
    const ious = truths.map((truth, index) =>
      truth.picture === picture && !found.has(index) ? boxIou(truth.box, box) : 0,
    )
    const best = ious.indexOf(Math.max(...ious))
    if ((ious[best] ?? 0) >= leastIou) found.add(best)
    points.push({
      precision: found.size / (points.length + 1),
      recall: found.size / truths.length,
    })
  }
  let area = 0
  let highest = 0
  points.toReversed().forEach(({ precision, recall }, index) => {
    highest = Math.max(highest, precision)
    area += highest * (recall - (points.at(-index - 2)?.recall ?? 0))
  })
  return area
}

/** Levenshtein distance: insertions, deletions and substitutions of UTF-16 units. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, other] of b.split('').entries()) {
      const substituted = (row[j] ?? 0) + Number(letter !== other)
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

export interface Picture {
  readonly width: number
  readonly height: number
}

/**
 * Of a mask and outlines, x and y in turn, in pixels of the picture. Counted at the middle of the
 * mask's cells, by the even-odd rule.
 */
export function maskIou(
  { size: [rows, columns], counts }: ThingTruth['mask'],
  outlines: readonly (readonly number[])[],
  picture: Picture,
): number {
  let both = 0
  let either = 0
  let cell = 0
  counts.forEach((length, run) => {
    for (const end = cell + length; cell < end; cell += 1) {
      const x = ((Math.floor(cell / rows) + 0.5) * picture.width) / columns
      const y = (((cell % rows) + 0.5) * picture.height) / rows
      const inMask = run % 2 === 1
      const inOutline = outlines.some((outline) => contains(outline, x, y))
      if (inMask && inOutline) both += 1
      if (inMask || inOutline) either += 1
    }
  })
  return either === 0 ? 0 : both / either
}

function contains(outline: readonly number[], x: number, y: number): boolean {
  let inside = false
  for (let i = 0; i < outline.length; i += 2) {
    const [x1 = 0, y1 = 0] = [outline[i], outline[i + 1]]
    const next = (i + 2) % outline.length
    const [x2 = 0, y2 = 0] = [outline[next], outline[next + 1]]
    if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside
  }
  return inside
}

/** The middle of the sorted values; the upper one of two. NaN of none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
