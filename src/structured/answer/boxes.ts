// A box as the schema wants it: order of its numbers, and what they are counted in. Read from the
// property's name, its description and the range of its numbers.
import type { Found } from './evidence.ts'
import type { BoxSide } from '../words/box-sides.ts'
import { hasPhrase, wordsOf } from '../words/names.ts'

export type BoxOrder = 'xyxy' | 'yxyx' | 'xywh' | 'cxcywh'
export type BoxUnit = 'pixel' | 'fraction' | 'percent' | 'permille'

export interface BoxHints {
  /** Names of the box and of what is around it, descriptions. */
  readonly texts: readonly string[]
  readonly maximum: number | undefined
  readonly integer: boolean
}

/** Gemini's `box_2d` is y first and counts in thousandths: prompts for it are copied everywhere. */
const GEMINI = ['box', '2', 'd']

export function readBoxOrder({ texts }: BoxHints): BoxOrder {
  const words = texts.flatMap((text) => [...wordsOf(text)])
  const joined = words.join(' ')
  if (/\by ?min x ?min\b|\by1 x1\b|\by 1 x 1\b|\btop left bottom right\b/.test(joined))
    return 'yxyx'
  if (/\bx ?min y ?min x ?max\b|\bx ?1 y ?1 x ?2\b|\bleft top right\b/.test(joined)) return 'xyxy'
  if (/\bcx cy\b|\bcenter x\b|\bx ?center\b/.test(joined)) return 'cxcywh'
  if (/\bx y w(?:idth)?\b|\bxywh\b|\bleft top width\b/.test(joined)) return 'xywh'
  return texts.some((text) => isGemini(text)) ? 'yxyx' : 'xyxy'
}

export function readBoxUnit({ texts, maximum, integer }: BoxHints): BoxUnit {
  const words = texts.flatMap((text) => [...wordsOf(text)])
  if (maximum !== undefined) {
    if (maximum <= 1) return 'fraction'
    if (maximum === 100) return 'percent'
    if (maximum === 999 || maximum === 1000) return 'permille'
  }
  if (words.includes('pixel') || words.includes('pixels')) return 'pixel'
  if (words.includes('1000') || words.includes('999')) return 'permille'
  if (words.includes('percent') || words.includes('percentage')) return 'percent'
  const relative = ['normalized', 'normalised', 'fraction', 'fractions', 'relative']
  if (!integer && words.some((word) => relative.includes(word))) return 'fraction'
  if (words.some((word) => relative.includes(word))) return 'permille'
  return texts.some((text) => isGemini(text)) ? 'permille' : 'pixel'
}

function isGemini(text: string): boolean {
  return wordsOf(text).length <= 3 && hasPhrase(wordsOf(text), GEMINI)
}

const SIDES: Readonly<Record<BoxOrder, readonly BoxSide[]>> = {
  xyxy: ['x1', 'y1', 'x2', 'y2'],
  yxyx: ['y1', 'x1', 'y2', 'x2'],
  xywh: ['x1', 'y1', 'w', 'h'],
  cxcywh: ['cx', 'cy', 'w', 'h'],
}

/** The four numbers of a finding's box; undefined when it has none. */
export function boxNumbers(
  found: Found,
  order: BoxOrder,
  unit: BoxUnit,
): readonly number[] | undefined {
  const numbers = SIDES[order].map((side) => boxSide(found, side, unit))
  return numbers.every((each) => each !== undefined) ? numbers : undefined
}

const SCALE: Readonly<Record<Exclude<BoxUnit, 'pixel'>, number>> = {
  fraction: 1,
  percent: 100,
  permille: 1000,
}

export function boxSide({ box, picture }: Found, side: BoxSide, unit: BoxUnit): number | undefined {
  if (box === undefined) return undefined
  const [x1, y1, x2, y2] = box
  const sides = { x1, y1, x2, y2, w: x2 - x1, h: y2 - y1, cx: (x1 + x2) / 2, cy: (y1 + y2) / 2 }
  if (unit === 'pixel') return sides[side]
  const horizontal = side === 'x1' || side === 'x2' || side === 'w' || side === 'cx'
  const whole = horizontal ? picture.width : picture.height
  return whole === 0 ? undefined : (sides[side] / whole) * SCALE[unit]
}
