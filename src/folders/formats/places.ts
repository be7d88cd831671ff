// The boxes of a picture's answers, as detection formats write them.
import { boundsOf } from '../../caption/bounds.ts'
import { type Finding, toFindings } from '../../caption/findings.ts'
import type { PictureSize } from '../../caption/ports.ts'
import type { Answer } from '../ask/answer-questions.ts'

export interface Place {
  readonly label: string
  /** Pixels of the upright picture, inside of it: left, top, right, bottom. */
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number]
  /** Outlines of the thing itself, each x and y in turn; none for a box. */
  readonly outlines: readonly (readonly number[])[]
  /** How sure the model was, 0 to 1; absent where it is not known. */
  readonly score?: number
}

/** What a region without a name is called where a name is needed. */
const NAMELESS = 'region'

export function findPlaces(answers: readonly Answer[], size: PictureSize): readonly Place[] {
  return answers.flatMap(({ data }) => toFindings(data).map((finding) => toPlace(finding, size)))
}

function toPlace({ label, outlines, form, score }: Finding, { width, height }: PictureSize): Place {
  const [left, top, right, bottom] = boundsOf(outlines.flat())
  return {
    label: label === '' ? NAMELESS : label,
    box: [clamp(left, width), clamp(top, height), clamp(right, width), clamp(bottom, height)],
    outlines: form === 'mask' ? outlines : [],
    ...(score === undefined ? {} : { score }),
  }
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most)
}

/** Digits of a fraction: a thousandth of a pixel of the largest picture. */
const FRACTION_DIGITS = 6

/** Part of a side, 0 to 1. */
export function toFraction(value: number, side: number): number {
  return Number((value / side).toFixed(FRACTION_DIGITS))
}
